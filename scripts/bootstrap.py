"""Makes a bare machine ready: the virtual environment from requirements.lock, libraries, a browser for tests.

Standard library only. Does nothing, quickly, when everything is in place:
    python3 scripts/bootstrap.py [--browser]
"""

import argparse
import fcntl
import hashlib
import importlib.util
import os
import re
import shutil
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))

from scripts import system

ROOT = Path(__file__).resolve().parent.parent
LOCK = ROOT / "requirements.lock"
VENV = ROOT / ".venv"
PYTHON = VENV / "bin" / "python"
STAMP = VENV / "cairn-requirements.sha256"
OLDEST = (3, 11)

# uv does not read pip's configuration, so what it says is handed over by these variables.
UV_VARIABLES = {
    "index-url": "UV_DEFAULT_INDEX",
    "extra-index-url": "UV_INDEX",
    "find-links": "UV_FIND_LINKS",
    "cert": "SSL_CERT_FILE",
}


def home() -> Path:
    return Path(os.environ.get("CAIRN_HOME", ".local")).expanduser().resolve()


def wanted() -> str:
    """What the environment must have been made from to be current."""
    return hashlib.sha256(LOCK.read_bytes() + sys.version.encode()).hexdigest()


def is_current() -> bool:
    return PYTHON.exists() and STAMP.exists() and STAMP.read_text() == wanted()


@contextmanager
def only_one() -> Iterator[None]:
    """Two `make` commands at once take turns."""
    with (ROOT / ".bootstrap.lock").open("w") as file:
        fcntl.flock(file, fcntl.LOCK_EX)
        yield


def make_environment() -> None:
    """A virtual environment with pip; Debian ships Python without the part that makes one."""
    if PYTHON.exists():
        return
    system.say("Making the virtual environment .venv …")
    if not importlib.util.find_spec("ensurepip") and not pip_wheel():
        system.provide(("python3-pip-whl",), home())
    without_pip = [] if importlib.util.find_spec("ensurepip") else ["--without-pip"]
    subprocess.run([sys.executable, "-m", "venv", *without_pip, str(VENV)], check=True)


def pip() -> tuple[list[str], dict[str, str]]:
    """The command and environment of a pip that installs into the virtual environment."""
    command = [str(PYTHON), "-m", "pip"]
    if subprocess.run([*command, "--version"], check=False, capture_output=True).returncode == 0:
        return command, {}
    if importlib.util.find_spec("ensurepip"):
        subprocess.run([str(PYTHON), "-m", "ensurepip", "--default-pip"], check=True, capture_output=True)
        return command, {}
    if not (wheel := pip_wheel()):
        raise system.Missing("pip is missing. Install it: apt-get install python3-venv")
    return command, {"PYTHONPATH": str(wheel)}


def pip_wheel() -> Path | None:
    """The pip that Debian keeps beside its Python, installed or unpacked."""
    roots = (Path("/"), home() / "system")
    return next((wheel for root in roots for wheel in root.glob("usr/share/python-wheels/pip-*.whl")), None)


def index_settings(listing: str) -> dict[str, str]:
    """uv's variables for the output of `pip config list`; hashes guard against a wrong index."""
    found = dict(re.findall(r"^[^.=]+\.([a-z-]+)='(.*)'$", listing, re.MULTILINE))
    settings = {uv: found[name] for name, uv in UV_VARIABLES.items() if found.get(name)}
    if "UV_INDEX" in settings:
        settings["UV_INDEX_STRATEGY"] = "unsafe-best-match"
    return {name: value for name, value in settings.items() if name not in os.environ}


def install() -> None:
    """Installs exactly what the lock file names: by uv, which is fast, else by pip."""
    command, environment = pip()
    known = {**os.environ, **environment}
    listing = [*command, "config", "list"]
    configured = subprocess.run(listing, check=False, capture_output=True, text=True, env=known).stdout
    for_uv = {**os.environ, **index_settings(configured), "VIRTUAL_ENV": str(VENV)}
    system.say(f"Installing {LOCK.read_text().count('==')} packages from requirements.lock …")
    uv = find_uv(command, known)
    sync = [uv, "pip", "sync", "--quiet", str(LOCK)] if uv else ["false"]
    if subprocess.run(sync, check=False, env=for_uv).returncode == 0:
        return
    system.say("uv could not do it; trying pip, which is slower …")
    required = ["install", "--quiet", "--require-hashes", "--requirement", str(LOCK)]
    subprocess.run([*command, *required], check=True, env=known)


def find_uv(pip_command: list[str], environment: dict[str, str]) -> str | None:
    own = VENV / "bin" / "uv"
    if not own.exists():
        subprocess.run([*pip_command, "install", "--quiet", "uv"], check=False, env=environment)
    return str(own) if own.exists() else shutil.which("uv")


def bootstrap(*, browser: bool) -> None:
    with only_one():
        if not is_current():
            make_environment()
            install()
            STAMP.write_text(wanted())
        system.provide_printing(VENV)
        if browser:
            system.provide_chromium(home())


def main() -> int:
    arguments = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    arguments.add_argument("--browser", action="store_true", help="also a Chromium for the browser tests")
    if sys.version_info < OLDEST:
        print(f"Cairn needs Python 3.11 or newer, this is {sys.version.split()[0]}.", file=sys.stderr)
        return 1
    try:
        bootstrap(browser=arguments.parse_args().browser)
    except system.Missing as error:
        print(error, file=sys.stderr)
    except subprocess.CalledProcessError as error:
        print(f"This command failed: {' '.join(map(str, error.cmd))}", file=sys.stderr)
    else:
        return 0
    return 1


if __name__ == "__main__":
    raise SystemExit(main())
