from django.apps import AppConfig


class MilestonesConfig(AppConfig):
    name = "milestones"

    def ready(self) -> None:
        from journal.backlog import ask_before_sending
        from milestones import portable
        from milestones.queries.decisions import still_waits

        portable.register_own()
        ask_before_sending({"decision_reminder": still_waits})
