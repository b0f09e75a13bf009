"""The certificates this installation seals with."""

from django.db import models

from tenancy.ids import uuid7


class SealCertificate(models.Model):
    """One of the installation's own certificates. The private key is sealed with SEAL_KEY.

    A key that SEAL_KEY no longer opens is followed by a new certificate; the old one goes on proving.
    """

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    fingerprint = models.CharField(max_length=64, unique=True)
    certificate = models.TextField()
    private_key = models.TextField()
    made_at = models.DateTimeField()
