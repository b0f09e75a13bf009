"""The chance that the remaining work ends by the planned date, by simulated futures. Pure.

In each future a working day is like one of the milestone's own days, like one simulated before it, or like
the plan says, stretched by how long such work really takes; blockers take the first days away. Random numbers
are drawn by place, never by value: the same future is lived with more work, fewer days or another blocker, so
none of these ever raises the figure.
"""

from collections.abc import Sequence
from datetime import date
from hashlib import blake2b
from statistics import fmean, median
from uuid import UUID

import numpy as np
import numpy.typing as npt

from milestones.learning import ENOUGH
from telemetry.forecast.assumptions import FACTORS, PATHS, PLAN_DAYS, RESOLUTIONS, USUAL
from telemetry.forecast.evidence import Basis, Evidence, Inputs, OpenBlocker, Outlook

Floats = npt.NDArray[np.float64]
Whole = npt.NDArray[np.int64]

FUTURES = np.arange(PATHS)


def seed_of(milestone_id: UUID, day: date) -> int:
    """The same for a milestone on a day, so that its figure repeats."""
    return int.from_bytes(blake2b(f"{milestone_id} {day}".encode(), digest_size=8).digest())


def probability(evidence: Evidence, *, seed: int) -> Outlook:
    """Only what is certain is 0 or 100: the date has passed, or nothing is left to do."""
    lost = _days_lost(evidence, seed)
    return Outlook(_percent(evidence, lost, seed), _basis(evidence), _inputs(evidence, lost))


def settled(completed_on: date | None, planned: date) -> int:
    """What is known of work that has ended: 100 when it was completed by its planned date."""
    return 100 if completed_on is not None and completed_on <= planned else 0


def _percent(evidence: Evidence, lost: Whole, seed: int) -> int:
    if evidence.is_past:
        return 0
    if evidence.left <= 0:
        return 100
    share = np.mean(_done_in_time(evidence, lost, seed) >= evidence.left)
    return min(max(int(100 * share + 0.5), 1), 99)


def _done_in_time(evidence: Evidence, lost: Whole, seed: int) -> Floats:
    """How much is done by the planned date, in each future."""
    before = np.zeros((1, PATHS))
    so_far = np.vstack([before, np.cumsum(_days(evidence, seed), axis=0)])
    left = np.maximum(len(evidence.workdays) - lost, 0)
    return so_far[left, FUTURES]


def _days(evidence: Evidence, seed: int) -> Floats:
    """What is done on each working day to come: as on a day that was lived or simulated, or as planned."""
    stream, days, own = np.random.default_rng([seed, 0]), len(evidence.workdays), len(evidence.own_days)
    by_plan = evidence.total / (evidence.planned_days * _factor(evidence, stream.random(PATHS)))
    choices, sizes = stream.random((days, 2, PATHS)).transpose(1, 0, 2)
    known = np.arange(own, own + days).reshape(days, 1)
    chosen = (choices * (PLAN_DAYS + known)).astype(np.int64) - PLAN_DAYS
    drawn = np.vstack([np.tile(np.reshape(evidence.own_days, (own, 1)), PATHS), by_plan * -np.log1p(-sizes)])
    for day, of in zip(drawn[own:], chosen, strict=True):
        np.copyto(day, drawn[np.maximum(of, 0), FUTURES], where=of >= 0)
    return drawn[own:]


def _factor(evidence: Evidence, shares: Floats) -> Floats:
    """How many times its plan the work takes: as the kind's closed milestones did, or as is assumed of it."""
    if len(evidence.ratios) >= ENOUGH:
        return _drawn(evidence.ratios, shares)
    low, high = FACTORS.get(evidence.kind, USUAL)
    return low + shares * (high - low)


def _drawn(values: Sequence[float], shares: Floats) -> Floats:
    """The value below which such a share of them lies; more or greater late ones never make it smaller."""
    ranked = np.sort(values)
    return ranked[(shares * len(ranked)).astype(np.int64)]


def _days_lost(evidence: Evidence, seed: int) -> Whole:
    """The working days until the last of the blockers is resolved, in each future."""
    lost, workdays = np.zeros(PATHS, dtype=np.int64), np.asarray(evidence.workdays, dtype=np.int64)
    for blocker in evidence.blockers:
        shares = np.random.default_rng([seed, blocker.number]).random(PATHS)
        lasts = _drawn(_remaining(blocker, evidence.resolutions), shares)
        lost = np.maximum(lost, np.searchsorted(workdays, np.floor(lasts + 0.5)))
    return lost


def _remaining(blocker: OpenBlocker, resolutions: Sequence[float]) -> list[float]:
    """How much longer it may stay: as those did that were open longer; beyond all of them, as long again."""
    for known in (resolutions, RESOLUTIONS):
        if longer := [days - blocker.age_days for days in known if days > blocker.age_days]:
            return longer
    return [blocker.age_days]


def _basis(evidence: Evidence) -> Basis:
    if len(evidence.own_days) >= PLAN_DAYS:
        return Basis.OWN
    return Basis.KIND if len(evidence.ratios) >= ENOUGH else Basis.DEFAULT


def _inputs(evidence: Evidence, lost: Whole) -> Inputs:
    own = evidence.own_days
    return Inputs(
        progress=evidence.progress,
        total=round(evidence.total, 2),
        left=round(evidence.left, 2),
        days_left=len(evidence.workdays),
        own_days=len(own),
        done_a_day=round(fmean(own), 2) if own else None,
        planned_days=evidence.planned_days,
        factor=round(_middle_factor(evidence), 2),
        learned_from=len(evidence.ratios) if len(evidence.ratios) >= ENOUGH else 0,
        closed_of_kind=evidence.closed_of_kind,
        blockers=len(evidence.blockers),
        days_lost=float(np.median(lost)),
    )


def _middle_factor(evidence: Evidence) -> float:
    if len(evidence.ratios) >= ENOUGH:
        return median(evidence.ratios)
    return fmean(FACTORS.get(evidence.kind, USUAL))
