"""Writes about dates: forecasts that move with a reason, confirmed ones, and new baselines by decision."""

from milestones.actions.baselines import rebaseline
from milestones.actions.forecasts import confirm_forecast, foresee, move_forecast, preview
from milestones.actions.replanning import ask_for_rebaseline

__all__ = [
    "ask_for_rebaseline",
    "confirm_forecast",
    "foresee",
    "move_forecast",
    "preview",
    "rebaseline",
]
