"""Pages for people."""

from django.urls import URLPattern, URLResolver, include, path

from web import home, invitations
from web.client import portal
from web.team import dates, kickoff, lists, milestones, notices, projects, records, today

inside: list[URLPattern | URLResolver] = [
    path("", today.today, name="today"),
    path("places", lists.places, name="places"),
    path("kickoff/", kickoff.kickoff, name="kickoff"),
    path("kickoff/<uuid:pk>/", kickoff.done, name="kickoff_done"),
    path("projects/", projects.index, name="projects"),
    path("projects/<uuid:pk>/", projects.show, name="project"),
    path("projects/<uuid:pk>/milestones", projects.add_milestone, name="add_milestone"),
    path("projects/<uuid:pk>/contacts", projects.add_contact, name="add_contact"),
    path("projects/<uuid:pk>/phases", projects.add_phase, name="add_phase"),
    path("projects/<uuid:pk>/links", projects.make_portal_link, name="make_portal_link"),
    path("projects/<uuid:pk>/preview", portal.preview, name="portal_preview"),
    path("links/<uuid:pk>/", projects.show_portal_link, name="portal_link"),
    path("links/<uuid:pk>/rotate", projects.rotate_portal_link, name="rotate_portal_link"),
    path("links/<uuid:pk>/revoke", projects.revoke_portal_link, name="revoke_portal_link"),
    path("milestones/<uuid:pk>/", milestones.show, name="milestone"),
    path("milestones/<uuid:pk>/record/", records.show, name="milestone_record"),
    path("milestones/<uuid:pk>/record/save", records.save, name="save_record"),
    path("milestones/<uuid:pk>/criteria", records.add_criterion, name="add_criterion"),
    path("milestones/<uuid:pk>/dependencies", records.add_dependency, name="add_dependency"),
    path("milestones/<uuid:pk>/dates/", dates.show, name="milestone_dates"),
    path("milestones/<uuid:pk>/dates/move", dates.move, name="move_forecast"),
    path("milestones/<uuid:pk>/dates/confirm", dates.confirm, name="confirm_forecast"),
    path("milestones/<uuid:pk>/dates/rebaseline", dates.rebaseline, name="ask_for_rebaseline"),
    path("misses/<uuid:pk>/acknowledge", dates.acknowledge, name="acknowledge_miss"),
    path("misses/<uuid:pk>/plan", dates.revise_plan, name="revise_plan"),
    path("milestones/<uuid:pk>/work/", milestones.work, name="milestone_work"),
    path("milestones/<uuid:pk>/journal/", milestones.journal, name="milestone_journal"),
    path("milestones/<uuid:pk>/move", milestones.move, name="move_milestone"),
    path("milestones/<uuid:pk>/progress", milestones.record_progress, name="record_progress"),
    path("milestones/<uuid:pk>/standup", milestones.standup, name="standup"),
    path("milestones/<uuid:pk>/blockers", milestones.open_blocker, name="open_blocker"),
    path("milestones/<uuid:pk>/qa-runs", milestones.record_qa, name="record_qa"),
    path("milestones/<uuid:pk>/requests", milestones.queue_request, name="queue_request"),
    path("criteria/<uuid:pk>", records.judge_criterion, name="judge_criterion"),
    path("blockers/", lists.blockers, name="blockers"),
    path("blockers/<uuid:pk>/acknowledge", milestones.acknowledge, name="acknowledge_blocker"),
    path("blockers/<uuid:pk>/respond", milestones.respond, name="respond_to_blocker"),
    path("blockers/<uuid:pk>/resolve", milestones.resolve, name="resolve_blocker"),
    path("changes/", lists.changes, name="changes"),
    path("notices/", notices.index, name="notices"),
    path("notices/<uuid:pk>/", notices.show, name="notice"),
    path("notices/<uuid:pk>/save", notices.save, name="save_notice"),
    path("notices/<uuid:pk>/send", notices.send, name="send_notice"),
    path("notices/<uuid:pk>/told-otherwise", notices.told_otherwise, name="tell_otherwise"),
    path("settings/", include("web.team.settings.urls")),
]

urlpatterns = [
    path("", home.home, name="home"),
    path("welcome", home.welcome, name="welcome"),
    path("w/new", home.new_workspace, name="new_workspace"),
    path("w/<slug:slug>/", include(inside)),
    path("p/<str:token>", portal.show, name="portal"),
    path("join/<str:token>", invitations.show, name="invitation"),
]
