"""Figures as people read them: `{{ part|share }}` makes 0.4 “40%”, and a dash of what there is none of."""

from django import template

register = template.Library()


@register.filter
def share(part: float | None) -> str:
    return "–" if part is None else f"{part:.0%}"
