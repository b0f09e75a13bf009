"""The e-mail that brings a packet: the shipped words, and a workspace's own with named placeholders. Pure.

`{packet}` and `{confidence}` stay in the text: they stand for secret addresses, which are filled in only
while the message is sent.
"""

import re
from collections.abc import Mapping
from typing import Final

from tenancy.refusal import Refused
from tenancy.text import one_line

PLACEHOLDER: Final = re.compile(r"\{([^{}\n]*)\}")
LINK: Final = "packet"
ASKS: Final = "confidence"
ADDRESSES: Final = re.compile(rf"\{{({LINK}|{ASKS})\}}")

# What each stands for, in the order of the form's help.
PLACEHOLDERS: Final[Mapping[str, str]] = {
    "contact": "who reads it",
    "client": "their company",
    "project": "the project",
    "milestone": "the milestone's name",
    "agency": "your name, as clients see it",
    "approved_by": "who accepted the milestone",
    LINK: "the packet's address",
}
SUBJECT: Final = "{milestone}: what was delivered, and the proof"
BODY: Final = """Hello {contact},

“{milestone}” is accepted, by {approved_by}. We have put together what it was meant to prove, the figures \
before and after, everything that was delivered, and what we suggest next:

{packet}

No login is needed, and you may pass the address on. The page also offers a PDF, and it says how anyone can \
check both without asking us.

Thank you for working with us,
{agency}"""
QUESTION: Final = "How confident are you in this work? One tap is enough: {confidence}"
TITLE_LIMIT: Final = 200
MOST: Final = 20  # placeholders in a text: what they stand for may be long


def check_words(subject: str, body: str) -> None:
    """Refuses placeholders that nobody can fill in, by their names."""
    wrong = {"subject": _unreadable(subject), "body": _unreadable(body)}
    if LINK in PLACEHOLDER.findall(subject):
        wrong["subject"].append("{packet} is an address; put it into the text, not into the subject.")
    if len(PLACEHOLDER.findall(body)) > MOST:
        wrong["body"].append(f"Use at most {MOST} placeholders.")
    if fields := {name: said for name, said in wrong.items() if said}:
        raise Refused("Some placeholders are not known.", code="unknown_placeholder", fields=fields)


def _unreadable(text: str) -> list[str]:
    """What is said of placeholders that nobody knows, and of a brace that begins or ends none."""
    alone = sorted({brace for brace in PLACEHOLDER.sub("", text) if brace in "{}"})
    return _unknown(text) + [
        f"A “{brace}” stands alone: a placeholder looks like {{client}}." for brace in alone
    ]


def _unknown(text: str) -> list[str]:
    names = dict.fromkeys(PLACEHOLDER.findall(text))
    known = ", ".join(f"{{{name}}}" for name in PLACEHOLDERS)
    return [f"{{{name}}} is not known. Known are {known}." for name in names if name not in PLACEHOLDERS]


def subject(words: str, values: Mapping[str, str], *, is_correction: bool = False) -> str:
    said = f"Corrected: {_filled(words, values)}" if is_correction else _filled(words, values)
    return one_line(said, limit=TITLE_LIMIT)


def body(words: str, values: Mapping[str, str], *, after: str) -> str:
    """The text, and `after` what follows it whatever the words are."""
    filled = _filled(words, {name: _inert(value) for name, value in values.items()})
    return "\n\n".join(part for part in (filled, after) if part)


def corrected(number: int, correction: str) -> str:
    return f"This is version {number}. What was corrected: {_inert(correction)}"


def anew(number: int, why: str) -> str:
    return f"This is version {number}. {_inert(why)}"


def _inert(value: str) -> str:
    """A name or a sentence in which nothing stands for an address: only the words themselves may."""
    return ADDRESSES.sub(r"(\1)", value)


def _filled(words: str, values: Mapping[str, str]) -> str:
    """Every placeholder that has a value, in one pass: what is filled in is not looked at again."""
    return PLACEHOLDER.sub(lambda found: values.get(found[1], found[0]), words)
