"""How a rule says no: a sentence for the person, or the list of what is still missing."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Unmet:
    """One thing a gate still misses. The code is for machines, the message for people."""

    code: str
    message: str


class Refused(Exception):
    """A rule said no. `str()` is the sentence for the person.

    `code` is for machines; `unmet` lists what a gate misses; `fields` maps a field to what is wrong with it.
    """

    def __init__(
        self,
        sentence: str,
        *,
        code: str = "refused",
        unmet: Sequence[Unmet] = (),
        fields: Mapping[str, Sequence[str]] | None = None,
    ) -> None:
        super().__init__(sentence)
        self.code = code
        self.unmet = list(unmet)
        self.fields = dict(fields or {})


class Stale(Refused):
    """Somebody saved first: what the page or the If-Match showed is no longer what is stored."""

    def __init__(self, what: str) -> None:
        super().__init__(
            f"{what} was changed by someone else meanwhile. "
            "Load it again, look at the change, then save yours.",
            code="stale",
        )


class Collided(Refused):
    """Two saved at once what there may be once: the database kept the first and turned the second away."""

    def __init__(self) -> None:
        super().__init__(
            "Someone else saved something like it meanwhile, so this was not saved. "
            "Look at what is there now, then save yours again.",
            code="conflict",
        )


class TooLarge(Refused):
    """More than fits."""

    def __init__(self, sentence: str, field: str) -> None:
        super().__init__(sentence, code="too_large", fields={field: [sentence]})
