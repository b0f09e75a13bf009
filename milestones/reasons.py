"""Why a milestone stands on Today: what is wrong or waits, the heaviest first. Pure."""

from collections.abc import Iterable
from enum import IntEnum, auto


class Reason(IntEnum):
    """Their order is their weight. A milestone stands where its heaviest reason puts it."""

    CRITICAL = auto()  # a blocker is
    STOPPED = auto()  # by a blocker
    MISSED = auto()  # and nobody has acknowledged it
    LATE = auto()  # past its forecast, or far behind the plan
    UNDECIDED = auto()  # the client's day has passed
    UNPROVEN = auto()  # the day of the proof has passed
    PROOF_DUE = auto()
    UNTOLD = auto()  # a notice did not reach the client
    UNSOUND = auto()  # an artifact is not what was delivered
    FROZEN = auto()  # additions, after failed checks
    WAY_OVER = auto()  # a pause or another way out has run its time
    UNSETTLED = auto()  # a round ended without acceptance
    SILENT = auto()
    DUE = auto()
    CLOSEOUT = auto()
    UNCONFIRMED = auto()  # the forecast
    ASKED = auto()  # something outside the agreed scope
    RISKY = auto()
    UNDEFINED = auto()  # the record, though work begins


# What has turned red or is about to; everything after it is for today.
NOW = frozenset(reason for reason in Reason if reason <= Reason.UNPROVEN)


def worth_telling(found: Iterable[int]) -> list[Reason]:
    """The reasons of one milestone that say something beside each other, the heaviest first."""
    reasons = sorted(Reason(number) for number in found)
    if Reason.CRITICAL in reasons and Reason.STOPPED in reasons:
        reasons.remove(Reason.STOPPED)
    return reasons if reasons == [Reason.RISKY] else [each for each in reasons if each != Reason.RISKY]
