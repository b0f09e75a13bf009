"""Takes the pictures of docs/screenshots from a running demo.

CAIRN_HOME=… python -m scripts.screenshots http://localhost:8000
"""

import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Final, Literal

import django
from playwright.sync_api import Browser, Page, sync_playwright

django.setup()

from config import demo  # noqa: E402
from config.demo.engagements.northwind import NORTHWIND  # noqa: E402
from config.settings import ENV, ROOT  # noqa: E402
from milestones.models import Milestone, Project  # noqa: E402
from scripts.system import chromium  # noqa: E402
from tenancy.door import inside  # noqa: E402
from tenancy.models import Workspace  # noqa: E402

FOLDER: Final = ROOT / "docs" / "screenshots"
WIDTHS: Final = {"": 1440, "-phone": 360}
THEMES: Final[tuple[Literal["light", "dark"], ...]] = ("light", "dark")
QUIET: Final = [
    "--no-sandbox",
    "--disable-quic",
    "--disable-background-networking",
    "--disable-component-update",
]


def addresses() -> dict[str, str]:
    """The pages worth a picture, by name."""
    workspace = Workspace.objects.get(slug=demo.SLUG)
    with inside(workspace):
        project = Project.objects.get(name=demo.SHOWN)
        milestone = Milestone.objects.get(project__name=NORTHWIND.project, is_first=True)
    home = f"/w/{demo.SLUG}/"
    return {
        "today": home,
        "project": f"{home}projects/{project.pk}/",
        "milestone": f"{home}milestones/{milestone.pk}/",
        "portal": demo.portal_address(workspace.pk),
    }


@contextmanager
def signed_in(browser: Browser, base: str, *, width: int, theme: Literal["light", "dark"]) -> Iterator[Page]:
    context = browser.new_context(
        base_url=base, viewport={"width": width, "height": 900}, color_scheme=theme, locale="en-GB"
    )
    page = context.new_page()
    page.goto("/account/login/")
    page.fill("input[name=login]", demo.MARA)
    page.fill("input[name=password]", demo.password(ENV.home))
    page.get_by_role("button", name="Sign in", exact=True).click()
    page.wait_for_url("**/w/**")
    yield page
    context.close()


def take(base: str) -> None:
    pages = addresses()
    with sync_playwright() as driver:
        browser = driver.chromium.launch(executable_path=str(chromium(ENV.home)), args=QUIET)
        for theme in THEMES:
            for suffix, width in WIDTHS.items():
                with signed_in(browser, base, width=width, theme=theme) as page:
                    for name, address in pages.items():
                        page.goto(address)
                        page.screenshot(path=FOLDER / f"{name}-{theme}{suffix}.png")
        browser.close()


if __name__ == "__main__":
    Path(FOLDER).mkdir(parents=True, exist_ok=True)
    take(sys.argv[1])
