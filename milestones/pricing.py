"""How a change is offered to the client: its cost, its effect on the date, what a no means. Pure."""

from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from milestones.asking import Option

ACCEPT, DECLINE = "accept", "decline"


class Priced(Option):
    """`forecast` is the day, in ISO form, that the milestone is forecast for after this answer."""

    forecast: str | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Offer:
    """`days` are whole working days; `later` is the forecast that would follow."""

    price: Decimal
    currency: str
    days: int
    forecast: date | None
    later: date | None
    criterion: str = ""


def question(title: str) -> str:
    return f"Shall we add “{title}” to this milestone?"[:300]


def options(offer: Offer) -> list[Priced]:
    return [
        {
            "code": ACCEPT,
            "label": f"Yes, for {_cost(offer)}",
            "consequence": _accepted(offer),
            "forecast": _iso(offer.later),
        },
        {
            "code": DECLINE,
            "label": "No, leave it out",
            "consequence": f"Scope, price and date stay as agreed{_on(offer.forecast)}.",
            "forecast": _iso(offer.forecast),
        },
    ]


def _iso(day: date | None) -> str | None:
    return day.isoformat() if day else None


def in_days(days: int) -> str:
    return "1 working day" if days == 1 else f"{days} working days"


def _cost(offer: Offer) -> str:
    price = f"{offer.price:,.2f} {offer.currency}" if offer.price else "no extra price"
    return f"{price} and {in_days(offer.days)}" if offer.days else price


def effect(forecast: date | None, later: date | None) -> str:
    """What becomes of the date, in a sentence. `later` is None, or the same day, when nothing does."""
    if later is None or later == forecast:
        return "The date stays."
    return f"The forecast moves from {_day(forecast)} to {_day(later)}."


def _accepted(offer: Offer) -> str:
    sentences = [
        "It becomes part of the agreed scope.",
        effect(offer.forecast, offer.later),
        f"It is accepted when: {offer.criterion}" if offer.criterion else "",
    ]
    return " ".join(sentence for sentence in sentences if sentence)[:500]


def _on(day: date | None) -> str:
    return f": {_day(day)}" if day else ""


def _day(day: date | None) -> str:
    return f"{day.day} {day:%B %Y}" if day else "no date"
