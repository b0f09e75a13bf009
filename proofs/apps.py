from django.apps import AppConfig


class ProofsConfig(AppConfig):
    name = "proofs"

    def ready(self) -> None:
        from milestones.actions.followers import follow_decisions
        from proofs import portable
        from proofs.actions.confidence import follow_decision

        portable.register_own()
        follow_decisions(follow_decision)
