"""What several tables have in common: percentages, confidence."""

from django.core.validators import MaxValueValidator, MinValueValidator
from django.db.models import Q

PERCENT = [MinValueValidator(0), MaxValueValidator(100)]


def percent(name: str) -> Q:
    return Q(**{f"{name}__gte": 0, f"{name}__lte": 100})
