"""Every model belongs to a workspace, or says why not."""

from django.apps import apps

from tenancy.models import WorkspaceModel
from tests.guards.source import RANK

OUTSIDE = {
    "journal.AccountMail": "sign-in mails belong to a person",
    "journal.JobRun": "the installation's jobs",
    "journal.Watch": "what the watchman of the installation misses",
    "proofs.SealCertificate": "the installation's own certificates",
    "tenancy.Workspace": "the workspace itself",
    "workspaces.Attempt": "counted before any workspace is known",
    "workspaces.User": "people stand above workspaces",
}


def _ours():
    return [model for model in apps.get_models() if model._meta.app_label in RANK]


def test_every_model_belongs_to_a_workspace_or_says_why_not():
    outside = {model._meta.label for model in _ours() if not issubclass(model, WorkspaceModel)}

    assert outside == OUTSIDE.keys()


def test_every_tenant_model_reads_through_the_door_by_default():
    leaky = [
        model._meta.label
        for model in _ours()
        if issubclass(model, WorkspaceModel)
        and (model._default_manager.name != "objects" or model._base_manager.name != "everywhere")
    ]

    assert leaky == []
