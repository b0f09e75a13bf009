from django.apps import AppConfig


class ProofsConfig(AppConfig):
    name = "proofs"

    def ready(self) -> None:
        from proofs import portable

        portable.register_own()
