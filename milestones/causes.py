"""Whether a missed date is explained: a root cause says what happened, not that it happened. Pure."""

import re

SHORTEST = 20
# Words that say that something is late, or nothing at all.
EMPTY_WORDS = """
a an and as because been but by caused causes circumstances complications complexity date deadline delay
delayed delays due expected expectations factors for fully got had has have in internal is issue issues it
just late later little longer miscommunication missed more of on our out problem problems reason reasons ran
schedule several slipped so some than that the there things this time to too took technical underestimated
unexpected unforeseen unfortunately various very was we were with work
"""
SAYS = "Say what exactly happened, such as “The CRM vendor's sandbox was down from 3 to 6 March.”"


def unspecific(root_cause: str) -> str:
    """Why a root cause is too general to learn from; empty when it says something."""
    empty = EMPTY_WORDS.split()
    words = re.findall(r"[^\W_]+", root_cause.casefold())
    if len(root_cause.strip()) < SHORTEST:
        return f"This is too short to be a root cause. {SAYS}"
    if len([word for word in words if word not in empty]) < 2:
        return f"This says that it is late, not why. {SAYS}"
    return ""
