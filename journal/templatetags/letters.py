"""Places of secret addresses in a letter's HTML: as links, or left out of the line beside the subject."""

from django import template
from django.utils.safestring import SafeString

from journal.letters import PLACEHOLDER

register = template.Library()


@register.filter
def linked(html: SafeString) -> SafeString:
    """Each place becomes a link; the address is filled in while sending. The text is escaped already."""
    return SafeString(PLACEHOLDER.sub(r'<a href="\g<0>">\g<0></a>', html))


@register.filter
def unlinked(text: str) -> str:
    return PLACEHOLDER.sub("", text)
