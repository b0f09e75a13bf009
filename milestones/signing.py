"""Whether the name that somebody typed under an answer is that of who was asked. Pure.

People write their own name in more than one way: without accents, the family name first, a given name
shortened to a letter or to its beginning, with a title or a middle name. All of that counts. Another family
name does not, nor a shortened one, nor a given name alone.
"""

import re
import unicodedata
from collections.abc import Iterator

TITLES = frozenset({"dr", "prof", "mr", "mrs", "ms", "mx", "sir", "dame", "ing", "mag", "jr", "sr"})
APOSTROPHES = re.compile("['’‘`´]")
WORDS = re.compile(r"[^\W\d_]+")
# What does not fall apart into a letter and its accent; and how umlauts are written where there are none.
LETTERS = str.maketrans({"ø": "o", "ł": "l", "đ": "d", "ð": "d", "þ": "th", "æ": "ae", "œ": "oe", "ı": "i"})
UMLAUTS = str.maketrans({"ä": "ae", "ö": "oe", "ü": "ue", "ø": "oe", "å": "aa"})
FEWEST = 2  # words that agree, where the name has so many
SHORTEST_BEGINNING = 3


def matches(typed: str, name: str) -> bool:
    """Whether `typed` is a way to write `name`. Of somebody known by an address only, any name is."""
    if "@" in name or not _words(name):
        return True
    return any(
        _same(ways, known, (before or known)[-1])
        for ways in _spellings(typed)
        for known, before in zip(_spellings(name), _spellings(name.partition(",")[0]), strict=True)
    )


def _spellings(text: str) -> Iterator[list[str]]:
    """With umlauts as plain letters, and as two letters."""
    whole = unicodedata.normalize("NFKC", text).casefold()
    yield _words(whole)
    yield _words(whole.translate(UMLAUTS))


def _words(text: str) -> list[str]:
    folded = unicodedata.normalize("NFKD", APOSTROPHES.sub("", text).casefold().translate(LETTERS))
    plain = "".join(letter for letter in folded if not unicodedata.combining(letter))
    words = WORDS.findall(plain)
    return [word for word in words if word not in TITLES] or words


def _same(typed: list[str], name: list[str], family: str) -> bool:
    """Every word of the shorter one has its own in the longer one; the family name is never shortened."""
    if "".join(typed) == "".join(name):
        return True
    fewer, more = sorted((typed, name), key=len)
    in_full, shortened = _paired(fewer, more)
    pairs = in_full + shortened
    is_known = shortened == 0 or family in typed
    return is_known and pairs == len(fewer) and pairs >= min(FEWEST, len(name))


def _paired(fewer: list[str], more: list[str]) -> tuple[int, int]:
    """How many words find one of their own, in full and shortened; an initial takes what is left."""
    free, left = list(more), []
    for word in fewer:
        if word in free:
            free.remove(word)
        else:
            left.append(word)
    shortened = 0
    for word in left:
        if short := next((other for other in free if _shortens(word, other)), None):
            free.remove(short)
            shortened += 1
    return len(fewer) - len(left), shortened


def _shortens(one: str, other: str) -> bool:
    short, long = sorted((one, other), key=len)
    return long.startswith(short) and (len(short) == 1 or len(short) >= SHORTEST_BEGINNING)
