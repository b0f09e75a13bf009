"""Answers that are given again when a request comes a second time."""

from typing import ClassVar

from django.db import models

from tenancy.models import WorkspaceModel


class IdempotentAnswer(WorkspaceModel):
    """The answer to a POST with an `Idempotency-Key`. The body is sealed: it may hold a secret shown once."""

    actor_id = models.UUIDField()
    key = models.CharField(max_length=255)
    fingerprint = models.BinaryField(max_length=32)
    status = models.PositiveSmallIntegerField()
    headers = models.JSONField()
    body = models.TextField()
    created_at = models.DateTimeField()

    class Meta(WorkspaceModel.Meta):
        abstract = False
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["workspace", "actor_id", "key"], name="a_key_has_one_answer")
        ]
        indexes: ClassVar = [models.Index(fields=["created_at"], name="idempotent_answer_age")]
