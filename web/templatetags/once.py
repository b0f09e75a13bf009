"""`{% csrf_token %}` as every form has it, with the key that tells a repeat (web/repeats.py)."""

import secrets

from django import template
from django.template.defaulttags import CsrfTokenNode
from django.utils.safestring import SafeString

from web.repeats import FIELD

register = template.Library()


class KeyedTokenNode(CsrfTokenNode):
    def render(self, context: template.Context) -> SafeString:
        token = SafeString(super().render(context))
        request = getattr(context, "request", None)
        if not token or request is None:
            return token
        if not hasattr(request, "form_key"):
            request.form_key = secrets.token_urlsafe(9)
        return SafeString(f'{token}<input type="hidden" name="{FIELD}" value="{request.form_key}">')


@register.tag
def csrf_token(parser: template.base.Parser, token: template.base.Token) -> KeyedTokenNode:
    return KeyedTokenNode()
