"""Pages for people."""


urlpatterns: list = []
