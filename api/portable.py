"""Nothing of the API leaves."""

from api.models import IdempotentAnswer
from tenancy.portable import register


def register_own() -> None:
    register(staying={IdempotentAnswer: "sealed copies of answers, kept for a day"})
