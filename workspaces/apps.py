from django.apps import AppConfig


class WorkspacesConfig(AppConfig):
    name = "workspaces"

    def ready(self) -> None:
        from journal import endpoints, letters
        from workspaces import portable, queries
        from workspaces.actions import links

        portable.register_own()
        letters.use_links(links.address_for)
        endpoints.use_owners(queries.owners)
