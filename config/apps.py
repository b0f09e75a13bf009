from django.apps import AppConfig
from django_structlog.signals import bind_extra_request_finished_metadata


class ConfigurationConfig(AppConfig):
    name = "config"

    def ready(self) -> None:
        from config import celery, logs, sentry
        from config.settings import ENV

        celery.app.set_default()
        bind_extra_request_finished_metadata.connect(logs.note_workspace)
        sentry.start(ENV.sentry_dsn, process=ENV.process)
