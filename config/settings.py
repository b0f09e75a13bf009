"""Django's settings. One file for every stage: what differs comes from config/env.py."""

import logging
from datetime import timedelta
from pathlib import Path
from typing import Any

import environ
from csp.constants import NONE, SELF
from psycopg.conninfo import conninfo_to_dict
from redis.backoff import NoBackoff
from redis.retry import Retry

from config import env as environment
from config import logs

ROOT = Path(__file__).resolve().parent.parent
ENV = environment.read()

SECRET_KEY = ENV.secret_key
DEBUG = False
DEVELOPMENT = ENV.development
PUBLIC_URL = ENV.public_url
ALLOWED_HOSTS = ENV.allowed_hosts or ["localhost", "127.0.0.1", "[::1]"]
CSRF_TRUSTED_ORIGINS = [ENV.public_url]
ROOT_URLCONF = "config.urls"
WSGI_APPLICATION = "config.wsgi.application"

INSTALLED_APPS = [
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.sessions",
    "django.contrib.messages",
    "django.contrib.staticfiles",
    "django.contrib.postgres",
    "django.contrib.humanize",
    "pgtrigger",
    "allauth",
    "allauth.account",
    "allauth.mfa",
    "rest_framework",
    "django_filters",
    "drf_spectacular",
    "drf_spectacular_sidecar",
    "django_htmx",
    "template_partials",
    "django_structlog",
    "csp",
    "tenancy",
    "journal",
    "workspaces",
    "milestones",
    "escalation",
    "telemetry",
    "proofs",
    "web",
    "api",
    "config",
]

MIDDLEWARE = [
    "config.metrics.RequestMetrics",
    "api.hooks.StraightToHooks",
    "django.middleware.security.SecurityMiddleware",
    "csp.middleware.CSPMiddleware",
    "whitenoise.middleware.WhiteNoiseMiddleware",
    "django_structlog.middlewares.RequestMiddleware",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "django.contrib.messages.middleware.MessageMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
    "django_htmx.middleware.HtmxMiddleware",
    "allauth.account.middleware.AccountMiddleware",
]

TEMPLATES: list[dict[str, Any]] = [
    {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        "DIRS": [ROOT / "templates"],
        "APP_DIRS": True,
        "OPTIONS": {
            "builtins": ["web.templatetags.days", "web.templatetags.figures", "web.templatetags.once"],
            "context_processors": [
                "django.template.context_processors.request",
                "django.contrib.auth.context_processors.auth",
                "django.contrib.messages.context_processors.messages",
                "web.context.page",
            ],
        },
    }
]


def _database(dsn: str, *, pooled: bool = ENV.process == "web") -> dict[str, Any]:
    """One alias. Pooled in web, so that no request opens a connection of its own.

    A worker opens one for each task: pools do not survive its forks, and Celery would close them anyway.
    """
    given = conninfo_to_dict(dsn)
    place = {name.upper(): given.pop(name, "") for name in ("user", "password", "host", "port")}
    options: dict[str, Any] = {**given, "application_name": f"cairn-{ENV.process}"}
    # Django turns this off; only `tenancy.kept` has the server keep statements. Behind PgBouncer in
    # transaction mode that takes its release 1.21 or newer, with max_prepared_statements above 0.
    options["prepare_threshold"] = 5
    if pooled:
        # Waiting longer would only hide that the database is away; who gave up leaves the next one to try.
        options["pool"] = {"min_size": 1, "max_size": 8, "timeout": 3, "reconnect_timeout": 5}
    return {
        **place,
        "NAME": options.pop("dbname"),
        "ENGINE": "django.db.backends.postgresql",
        "OPTIONS": options,
        "CONN_HEALTH_CHECKS": True,  # a restarted database must not cost the requests that come after
        "DISABLE_SERVER_SIDE_CURSORS": True,
    }


OWNER_LOCK_TIMEOUT = "2s"  # a migration that waits longer for a lock would make everybody else wait behind it
DATABASES = {"default": _database(ENV.app_dsn)}
if ENV.jobs_dsn:
    DATABASES["jobs"] = _database(ENV.jobs_dsn)
if ENV.owner_dsn:
    DATABASES["owner"] = _database(ENV.owner_dsn, pooled=False)
    DATABASES["owner"]["OPTIONS"]["options"] = f"-c lock_timeout={OWNER_LOCK_TIMEOUT}"
DATABASE_ROUTERS = ["config.routers.OwnerMigrates"]
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"

CACHES = {
    # Sign-in limits count here: a flushed Redis must not open the door.
    "default": {
        "BACKEND": "django.core.cache.backends.db.DatabaseCache",
        "LOCATION": "config_cache",
        # Beyond it counts are dropped by their names: by default some 300 visitors would reset each other's.
        "OPTIONS": {"MAX_ENTRIES": 100_000},
    },
    "fast": {
        "BACKEND": "django.core.cache.backends.redis.RedisCache",
        "LOCATION": ENV.redis_url,
        "KEY_PREFIX": ENV.redis_prefix,
        # Advisory: a Redis that is away or hangs must not hold up a request.
        "OPTIONS": {"socket_connect_timeout": 0.2, "socket_timeout": 0.2, "retry": Retry(NoBackoff(), 0)},
    },
}

AUTH_USER_MODEL = "workspaces.User"
AUTHENTICATION_BACKENDS = ["allauth.account.auth_backends.AuthenticationBackend"]
PASSWORD_HASHERS = ["django.contrib.auth.hashers.Argon2PasswordHasher"]
AUTH_PASSWORD_VALIDATORS = [
    {"NAME": f"django.contrib.auth.password_validation.{name}", "OPTIONS": options}
    for name, options in (
        ("UserAttributeSimilarityValidator", {}),
        ("MinimumLengthValidator", {"min_length": 10}),
        ("CommonPasswordValidator", {}),
        ("NumericPasswordValidator", {}),
    )
]
LOGIN_URL = "account_login"
LOGIN_REDIRECT_URL = "home"
ACCOUNT_ADAPTER = "web.accounts.Adapter"
ACCOUNT_FORMS = {"signup": "web.accounts.SignupForm"}
ACCOUNT_LOGIN_METHODS = {"email"}
ACCOUNT_SIGNUP_FIELDS = ["email*", "password1*"]
ACCOUNT_USER_MODEL_USERNAME_FIELD = None
ACCOUNT_EMAIL_VERIFICATION = "mandatory"
ACCOUNT_UNIQUE_EMAIL = True
ACCOUNT_LOGIN_ON_EMAIL_CONFIRMATION = True
ACCOUNT_LOGOUT_ON_PASSWORD_CHANGE = True
ACCOUNT_EMAIL_NOTIFICATIONS = True
ACCOUNT_EMAIL_SUBJECT_PREFIX = ""
ACCOUNT_REAUTHENTICATION_TIMEOUT = 900
ALLAUTH_TRUSTED_PROXY_COUNT = ENV.trusted_proxies
MFA_SUPPORTED_TYPES = ["totp", "webauthn", "recovery_codes"]
MFA_PASSKEY_LOGIN_ENABLED = True
MFA_ADAPTER = "web.accounts.MfaAdapter"
MFA_TOTP_ISSUER = "Cairn"
MFA_WEBAUTHN_ALLOW_INSECURE_ORIGIN = DEVELOPMENT

SESSION_ENGINE = "web.sessions"
SESSION_COOKIE_AGE = int(timedelta(days=14).total_seconds())
SESSION_COOKIE_HTTPONLY = True
if DEVELOPMENT:
    # Cookies ignore ports: two copies on one machine would sign each other out.
    SESSION_COOKIE_NAME, CSRF_COOKIE_NAME = f"sessionid_{ENV.port}", f"csrftoken_{ENV.port}"
SESSION_COOKIE_SECURE = CSRF_COOKIE_SECURE = PUBLIC_URL.startswith("https://")
SESSION_COOKIE_SAMESITE = CSRF_COOKIE_SAMESITE = "Lax"
SECURE_HSTS_SECONDS = int(timedelta(days=365).total_seconds()) if SESSION_COOKIE_SECURE else 0
SECURE_REFERRER_POLICY = "same-origin"
SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https") if ENV.trusted_proxies else None
X_FRAME_OPTIONS = "DENY"
CONTENT_SECURITY_POLICY = {
    "DIRECTIVES": {
        "default-src": [NONE],
        "script-src": [SELF],
        "style-src": [SELF],
        "font-src": [SELF],
        "img-src": [SELF, "data:"],
        "connect-src": [SELF],
        "form-action": [SELF],
        "manifest-src": [SELF],
        "base-uri": [NONE],
        "object-src": [NONE],
        "frame-ancestors": [NONE],
    }
}

LANGUAGE_CODE = "en-gb"
TIME_ZONE = "UTC"
USE_TZ = True
USE_I18N = False

STATIC_URL = "/static/"
STATIC_ROOT = ENV.home / "static"
STATICFILES_DIRS = [ROOT / "static"]
_COLLECTED = (STATIC_ROOT / "staticfiles.json").exists()
WHITENOISE_USE_FINDERS = not _COLLECTED
STORAGES = {
    "default": {
        "BACKEND": "django.core.files.storage.FileSystemStorage",
        "OPTIONS": {"location": ENV.files_root},
    },
    "staticfiles": {
        "BACKEND": "whitenoise.storage.CompressedManifestStaticFilesStorage"
        if _COLLECTED
        else "django.contrib.staticfiles.storage.StaticFilesStorage"
    },
}
DATA_UPLOAD_MAX_MEMORY_SIZE = 2 * 1024 * 1024
FILES_ROOT = ENV.files_root
FILE_LARGEST = 25 * 1024 * 1024
FILES_PER_MILESTONE = 200
FILES_LARGEST_PER_MILESTONE = 500 * 1024 * 1024
SCAN_COMMAND = ENV.scan_command
SCAN_TIME = timedelta(seconds=60)
FILE_UPLOAD_HANDLERS = [
    "web.uploads.Capped",
    "django.core.files.uploadhandler.MemoryFileUploadHandler",
    "django.core.files.uploadhandler.TemporaryFileUploadHandler",
]

MAILBOX = ENV.home / "mailbox"
DEFAULT_FROM_EMAIL = SERVER_EMAIL = ENV.email_from
if ENV.email_url:
    vars().update(environ.Env.email_url_config(ENV.email_url))
    EMAIL_TIMEOUT = 10  # for each step of a hand-over, of which the whole must end within the outbox's lease
else:
    EMAIL_BACKEND = "journal.mailbox.EmailBackend"

FIELD_KEYS = ENV.field_keys
LINK_KEYS = ENV.link_keys
SEAL_KEYS = ENV.seal_keys
SEAL_TIMESTAMP_URL = ENV.seal_timestamp_url
METRICS_TOKEN = ENV.metrics_token
OPERATOR_EMAIL = ENV.operator_email
HEARTBEAT_URL = ENV.heartbeat_url
EGRESS_ALLOWED_HOSTS = ENV.egress_allowed_hosts
DELIVERIES_KEPT = timedelta(days=ENV.deliveries_kept_days)
MESSAGES_KEPT = timedelta(days=ENV.messages_kept_days)

REST_FRAMEWORK = {
    "DEFAULT_AUTHENTICATION_CLASSES": ["api.auth.TokenAuthentication", "api.auth.MemberSession"],
    "DEFAULT_PERMISSION_CLASSES": ["api.auth.HasScope"],
    "DEFAULT_RENDERER_CLASSES": ["api.renderers.PlainJSON"],
    "DEFAULT_PARSER_CLASSES": ["api.parsers.StrictJSONParser"],
    "DEFAULT_PAGINATION_CLASS": "api.pages.CursorPages",
    "DEFAULT_FILTER_BACKENDS": ["django_filters.rest_framework.DjangoFilterBackend"],
    "DEFAULT_THROTTLE_CLASSES": ["api.limits.TokenThrottle"],
    "DEFAULT_SCHEMA_CLASS": "api.schema.Operation",
    "EXCEPTION_HANDLER": "api.problems.handle",
    "UNAUTHENTICATED_USER": None,
}
SPECTACULAR_SETTINGS = {
    "TITLE": "Cairn API",
    "VERSION": "1",
    "OAS_VERSION": "3.1.0",
    "DESCRIPTION": "Kickoff to the first accepted milestone, and on.",
    "SERVE_INCLUDE_SCHEMA": False,
    "SCHEMA_PATH_PREFIX": "/api/v1",
    "COMPONENT_SPLIT_REQUEST": True,
    "ENUM_GENERATE_CHOICE_DESCRIPTION": False,
    "DEFAULT_QUERY_MANAGER": "everywhere",
    "ENUM_NAME_OVERRIDES": {
        "StageEnum": "milestones.words.Stage",
        "MilestoneKindEnum": "milestones.words.Kind",
        "ChangeRequestStateEnum": "milestones.words.ChangeState",
        "WorkStateEnum": "milestones.words.WorkState",
        "DeliveryStateEnum": "journal.models.State",
        "InboundStateEnum": "telemetry.models.inbound.DeliveryState",
    },
    "SWAGGER_UI_DIST": "SIDECAR",
    "SWAGGER_UI_FAVICON_HREF": "SIDECAR",
    "REDOC_DIST": "SIDECAR",
}

DJANGO_STRUCTLOG_CELERY_ENABLED = True
DJANGO_STRUCTLOG_STATUS_START_LOG_LEVEL = logging.DEBUG  # one line for each request, when it is answered
DJANGO_STRUCTLOG_CELERY_TASK_START_LOG_LEVEL = logging.DEBUG
DJANGO_STRUCTLOG_CELERY_TASK_FAILURE_LOG_LEVEL = logging.ERROR
DJANGO_STRUCTLOG_IP_LOGGING_ENABLED = False
DJANGO_STRUCTLOG_USER_ID_FIELD = ""  # to know the user it would ask the database, even where no view did
LOGGING = logs.config(development=DEVELOPMENT)
logs.configure_structlog()
