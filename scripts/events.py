"""Writes the catalogue of events into docs/webhooks.md, from the one that the product uses."""

import re
from pathlib import Path

from journal.kinds import catalogue

PAGE = Path(__file__).parents[1] / "docs" / "webhooks.md"

if __name__ == "__main__":
    table = f"{catalogue()}\n"
    PAGE.write_text(re.sub(r"\| event \| says \|\n(\|.*\n)*", lambda _: table, PAGE.read_text(), count=1))
