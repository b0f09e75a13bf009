"""The workspace, and what every row that belongs to one has in common."""

from typing import Any, ClassVar, TypeVar
from uuid import UUID

from django.core.validators import RegexValidator
from django.db import models
from django.db.models.functions import Now

from tenancy.door import current_workspace_id
from tenancy.ids import uuid7
from tenancy.text import Line


class Workspace(models.Model):
    """The tenant: a solo service business or a small agency."""

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    slug = models.CharField(
        max_length=40,
        unique=True,
        validators=[
            RegexValidator(r"^[a-z0-9](-?[a-z0-9])*$", "Use small letters, digits and single hyphens.")
        ],
    )
    name = Line(max_length=80)
    time_zone = models.CharField(max_length=64, default="UTC")
    created_at = models.DateTimeField(db_default=Now(), editable=False)

    class Meta:
        constraints: ClassVar = [
            models.CheckConstraint(
                name="workspace_slug_is_an_address",
                condition=models.Q(slug__regex=r"^[a-z0-9](-?[a-z0-9])*$"),
            )
        ]

    def __str__(self) -> str:
        return str(self.name)


M = TypeVar("M", bound="WorkspaceModel")


class WorkspaceManager(models.Manager[M]):
    """Rows of the workspace whose door is open; raises when none is."""

    def get_queryset(self) -> models.QuerySet[M]:
        return super().get_queryset().filter(workspace_id=current_workspace_id())


class TenantKey(models.ForeignKey[Any, Any]):
    """A key to another tenant table.

    PostgreSQL's plain foreign keys ignore row-level security, so the constraint is a composite one on
    (workspace_id, x_id); `tenancy.operations.Protect` makes it, with its index, in the table's own migration.
    """

    def __init__(self, to: Any, on_delete: Any, **options: Any) -> None:
        super().__init__(to, on_delete, **{**options, "db_constraint": False, "db_index": False})


class WorkspaceModel(models.Model):
    """A row that belongs to one workspace, for good."""

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    workspace = models.ForeignKey(
        Workspace,
        models.PROTECT,
        related_name="+",
        default=current_workspace_id,
        editable=False,
        db_index=False,
    )

    workspace_id: UUID

    objects = WorkspaceManager()
    everywhere = models.Manager()  # noqa: DJ012 – the manager for sweeps

    class Meta:
        abstract = True
        base_manager_name = "everywhere"


class DoorKey(WorkspaceModel):
    """Where a secret leads: the digest of a token, link or hook address, found before any workspace is."""

    kind = models.CharField(max_length=20)
    digest = models.BinaryField(max_length=32)
    subject_id = models.UUIDField()

    class Meta(WorkspaceModel.Meta):
        abstract = False
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["kind", "digest"], name="door_key_opens_one_thing")
        ]
        indexes: ClassVar = [models.Index(fields=["workspace", "subject_id"], name="door_key_of_subject")]
