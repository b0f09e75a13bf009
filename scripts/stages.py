"""Writes the diagram of the stages into docs/stages.md, from the tables that the product uses."""

import re
from pathlib import Path

from milestones.stages import diagram

PAGE = Path(__file__).parents[1] / "docs" / "stages.md"

if __name__ == "__main__":
    drawn = f"```mermaid\n{diagram()}\n```"
    PAGE.write_text(
        re.sub(r"```mermaid\n.*?```", lambda _: drawn, PAGE.read_text(), count=1, flags=re.DOTALL)
    )
