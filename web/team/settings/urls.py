"""Addresses below /w/<slug>/settings/."""

from django.urls import path

from web.team.settings import connections, exports, logs, people, templates, workspace

urlpatterns = [
    path("", workspace.workspace, name="settings"),
    path("portal/", workspace.brand, name="settings_brand"),
    path("calendar/", workspace.calendar, name="settings_calendar"),
    path("thresholds/", workspace.thresholds, name="settings_thresholds"),
    path("templates/", templates.index, name="settings_templates"),
    path("templates/<uuid:pk>/drop", templates.drop, name="drop_template"),
    path("members/", people.index, name="settings_members"),
    path("members/<uuid:pk>/role", people.set_role, name="set_role"),
    path("members/<uuid:pk>/end", people.end, name="end_membership"),
    path("invitations/<uuid:pk>/revoke", people.take_back, name="revoke_invitation"),
    path("tokens/", people.tokens, name="settings_tokens"),
    path("tokens/<uuid:pk>/revoke", people.end_token, name="revoke_token"),
    path("deliveries/", logs.deliveries, name="settings_deliveries"),
    path("deliveries/<uuid:pk>/replay", logs.replay, name="replay_delivery"),
    path("deliveries/<uuid:pk>/withdraw", logs.withdraw, name="withdraw_delivery"),
    path("connections/", connections.index, name="settings_connections"),
    path("connections/new", connections.new, name="new_connection"),
    path("connections/<uuid:pk>/", connections.show, name="settings_connection"),
    path("connections/<uuid:pk>/check", connections.check, name="check_connection"),
    path("connections/<uuid:pk>/save", connections.change, name="save_connection"),
    path("connections/<uuid:pk>/secret", connections.set_secret, name="set_connection_secret"),
    path("connections/<uuid:pk>/rotate", connections.rotate, name="rotate_connection_secret"),
    path("connections/<uuid:pk>/disconnect", connections.disconnect, name="disconnect"),
    path("inbound/", connections.deliveries, name="settings_inbound"),
    path("inbound/<uuid:pk>/replay", connections.replay, name="replay_inbound"),
    path("journal/", logs.journal, name="settings_journal"),
    path("export/", exports.index, name="settings_export"),
    path("jobs/", logs.jobs, name="settings_jobs"),
    path("jobs/parked/<uuid:pk>/replay", logs.replay_finding, name="replay_finding"),
]
