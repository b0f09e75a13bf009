"""Every address of Cairn. What each app offers stands in its own urls module."""

from django.conf import settings
from django.urls import include, path

from config import health, metrics

urlpatterns = [
    path("healthz", health.healthz, name="healthz"),
    path("readyz", health.readyz, name="readyz"),
    path("metrics", metrics.metrics, name="metrics"),
    path("account/", include("allauth.urls")),
    path("", include("api.urls")),
    path("", include("web.urls")),
]

if settings.DEVELOPMENT:
    urlpatterns += [path("", include("web.development"))]

handler400 = "config.errors.bad_request"
handler403 = "config.errors.forbidden"
handler404 = "config.errors.not_found"
handler500 = "config.errors.server_error"
