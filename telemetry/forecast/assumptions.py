"""The numbers that a forecast rests on beside its evidence; docs/forecast.md says why."""

from types import MappingProxyType
from typing import Final

PATHS: Final = 1000  # simulated futures: a percent is right to about 1.6
PLAN_DAYS: Final = 5  # the plan weighs as much as so many days of the milestone's own
MOST_OWN_DAYS: Final = 60  # the latest
MOST_CLOSED: Final = 50  # the latest of a kind
MOST_RESOLUTIONS: Final = 200  # the latest of a workspace

# How many times its planned span the work of a kind takes, where the workspace has not learned it yet.
USUAL: Final = (0.7, 1.3)
FACTORS: Final = MappingProxyType({"data": (2.0, 5.0), "model": (1.0, 3.0), "integration": (0.8, 2.0)})

# Calendar days that a blocker stays open, each as likely, where the workspace knows of none that took longer.
RESOLUTIONS: Final = (0.5, 1.0, 2.0, 3.0, 5.0, 10.0)

# The exponent for which the first 70 points of a figure take as much effort as the last 15.
DIMINISHING: Final = 0.455


def effort_behind(share: float) -> float:
    """The share of the effort that is behind a share of the way from baseline to target; gains diminish."""
    ahead = 1 - min(max(share, 0.0), 1.0)
    return float(1 - ahead**DIMINISHING)
