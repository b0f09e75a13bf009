from django.apps import AppConfig


class WorkspacesConfig(AppConfig):
    name = "workspaces"

    def ready(self) -> None:
        from journal import letters
        from workspaces import portable
        from workspaces.actions import links

        portable.register_own()
        letters.use_links(links.address_for)
