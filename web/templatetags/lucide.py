"""Icons of the Lucide set: `{% lucide "plus" size=14 class="icon" %}`, each drawn once in a process.

Lucide's own tag copies and prints a drawing anew each time: some thirty on a page, a tenth of its cost.
"""

from functools import lru_cache

from django import template
from lucide.templatetags.lucide import lucide

DRAWINGS = 1024  # of one name, size and class each; the product has about a hundred

register = template.Library()
register.simple_tag(lru_cache(maxsize=DRAWINGS)(lucide), name="lucide")
