"""Values of a packet's content as they are read: days, instants, figures, sizes. Pure."""

import re
from datetime import date, datetime
from decimal import Decimal, InvalidOperation
from typing import Any, Final
from zoneinfo import ZoneInfo

from tenancy.text import TEXT

UNITS: Final = ("bytes", "kB", "MB", "GB")
MINUS: Final = "−"
COLOUR: Final = re.compile(r"#[0-9a-fA-F]{6}")
OWN_COLOUR: Final = "#1d4f91"
READABLE: Final = 4.5  # contrast on white, as WCAG asks for text


def shown(value: Any) -> Any:
    """The same content with whatever could deceive a reader made visible, at every depth.

    Texts were clean when they were typed; names and details that other systems sent may not be.
    """
    match value:
        case str():
            return TEXT.sub("\ufffd", value)
        case dict():
            return {key: shown(item) for key, item in value.items()}
        case list() | tuple():
            return [shown(item) for item in value]
    return value


def day(text: str | None) -> str:
    """“2026-03-02” as “2 March 2026”."""
    if not text:
        return ""
    read = date.fromisoformat(text[:10])
    return f"{read.day} {read:%B %Y}"


def moment(text: str | None, zone: ZoneInfo) -> str:
    """An instant as “2 Mar 2026, 13:05” in the zone."""
    if not text:
        return ""
    at = datetime.fromisoformat(text).astimezone(zone)
    return f"{at.day} {at:%b %Y, %H:%M}"


def number(text: str | None) -> Decimal | None:
    """The figure that a text holds; None when it holds none."""
    try:
        found = Decimal(text or "")
    except InvalidOperation:
        return None
    return found if found.is_finite() else None


def figure(text: str | None, unit: str = "") -> str:
    """“12500.5” and “h” as “12,500.5 h”; a percent sign follows without a blank. What is no figure stays."""
    found = number(text)
    if found is None:
        return text or ""
    digits = f"{abs(found):,f}"
    return f"{MINUS if found < 0 else ''}{digits}{_with_unit(unit)}"


def _with_unit(unit: str) -> str:
    return "" if not unit else unit if unit in {"%", "°"} else f"\u00a0{unit}"


def change(text: str | None, unit: str = "") -> str:
    """As `figure`, with its sign."""
    found = number(text)
    return f"+{figure(text, unit)}" if found is not None and found > 0 else figure(text, unit)


def percent(text: str | None) -> str:
    """“-35.4167” as “−35.4%”; whole percents from a hundred on."""
    found = number(text)
    if found is None:
        return ""
    rounded = round(found) if abs(found) >= 100 else round(found, 1)
    return change(f"{Decimal(rounded).normalize():f}", "%")


def size(count: int | None) -> str:
    """“1536000” as “1.5 MB”."""
    if count is None:
        return ""
    amount, steps = float(count), 0
    while amount >= 999.5 and steps < len(UNITS) - 1:
        amount, steps = amount / 1000, steps + 1
    places = 1 if steps and amount < 100 else 0
    return f"{amount:.{places}f} {UNITS[steps]}"


def counted(count: int, one: str, many: str) -> str:
    return f"{count:,} {one if count == 1 else many}"


def ink(colour: str) -> str:
    """The agency's colour, darkened until it can be read on white; our own when it is no colour."""
    if not COLOUR.fullmatch(colour):
        return OWN_COLOUR
    parts = [int(colour[at : at + 2], 16) for at in (1, 3, 5)]
    while 1.05 / (_luminance(parts) + 0.05) < READABLE:
        parts = [int(part * 0.9) for part in parts]
    return "#" + "".join(f"{part:02x}" for part in parts)


def _luminance(parts: list[int]) -> float:
    linear = [part / 255 / 12.92 if part <= 10 else ((part / 255 + 0.055) / 1.055) ** 2.4 for part in parts]
    return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]
