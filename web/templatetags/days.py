"""Days as people say them: `{{ date|short_day }}` names the year only when it is not this one."""

from datetime import date, datetime

from django import template
from django.utils import timezone
from django.utils.formats import date_format

register = template.Library()


@register.filter
def short_day(day: date | None) -> str:
    if day is None:
        return ""
    shown = timezone.localtime(day) if isinstance(day, datetime) else day
    return date_format(shown, "j M" if shown.year == timezone.localdate().year else "j M Y")
