"""Takes the pictures of docs/screenshots from a running demo.

CAIRN_HOME=… python -m scripts.screenshots http://localhost:8000
"""

import os
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Final, Literal
from urllib.parse import urlsplit

import django
import pypdfium2
from playwright.sync_api import Browser, Page, sync_playwright

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings")
django.setup()

from config import demo  # noqa: E402
from config.demo.engagements.northwind import NORTHWIND  # noqa: E402
from config.settings import ENV, ROOT  # noqa: E402
from milestones.models import Milestone, Project  # noqa: E402
from proofs.words import FileKind  # noqa: E402
from scripts.system import chromium  # noqa: E402
from tenancy.door import inside  # noqa: E402
from tenancy.models import Workspace  # noqa: E402
from workspaces.actions.links import address_of  # noqa: E402
from workspaces.models import Link, Purpose  # noqa: E402

FOLDER: Final = ROOT / "docs" / "screenshots"
PROVEN: Final = "1.2"  # the milestone with the most to show
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
        proven = Milestone.objects.get(project=project, code=PROVEN)
        packet = address_of(Link.objects.get(purpose=Purpose.PROOF, subject_id=proven.pk))
    home = f"/w/{demo.SLUG}/"
    return {
        "today": home,
        "project": f"{home}projects/{project.pk}/",
        "milestone": f"{home}milestones/{milestone.pk}/",
        "portal": demo.portal_address(workspace.pk),
        "proof": f"{home}milestones/{proven.pk}/proof/#metrics",
        "packet": urlsplit(packet).path,
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


def first_page(page: Page, packet: str) -> None:
    """The packet's PDF as it leaves the house; paper has no themes."""
    pdf = page.request.get(f"{packet}/files/{FileKind.PDF_A4}").body()
    pypdfium2.PdfDocument(pdf)[0].render(scale=1.5).to_pil().save(FOLDER / "packet-paper.png")


def take(base: str) -> None:
    pages = addresses()
    with sync_playwright() as driver:
        browser = driver.chromium.launch(executable_path=str(chromium(ENV.home)), args=QUIET)
        with signed_in(browser, base, width=WIDTHS[""], theme="light") as page:
            first_page(page, pages["packet"])
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
