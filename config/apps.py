from django.apps import AppConfig


class ConfigurationConfig(AppConfig):
    name = "config"

    def ready(self) -> None:
        from config import celery

        celery.app.set_default()
