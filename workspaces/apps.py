from django.apps import AppConfig


class WorkspacesConfig(AppConfig):
    name = "workspaces"

    def ready(self) -> None:
        from journal import letters
        from workspaces.actions import links

        letters.use_links(links.address_for)
