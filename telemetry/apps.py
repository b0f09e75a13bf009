from django.apps import AppConfig


class TelemetryConfig(AppConfig):
    name = "telemetry"

    def ready(self) -> None:
        from journal.backlog import ask_before_sending
        from telemetry import messages, portable

        portable.register_own()
        ask_before_sending(messages.HOLDS)
