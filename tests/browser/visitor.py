"""Somebody at a real browser, and what of a page only a browser can tell."""

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any, Final

from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Browser, BrowserContext, ConsoleMessage, Page, ViewportSize

LOOKS: Final[tuple[tuple[Any, ViewportSize], ...]] = (
    ("light", {"width": 1440, "height": 900}),
    ("dark", {"width": 1440, "height": 900}),
    ("light", {"width": 360, "height": 740}),
    ("dark", {"width": 360, "height": 740}),
)
AXE_SCRIPT: Final = Axe().axe_script
TAGS: Final = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"]
AXE: Final = {"resultTypes": ["violations"], "runOnly": TAGS}
# The dark theme changes colours and nothing else.
CONTRAST: Final = {"resultTypes": ["violations"], "runOnly": ["color-contrast"]}
# Told to the console, because a page that has gone can no longer be asked.
TELL_VIOLATIONS: Final = (
    "document.addEventListener('securitypolicyviolation', "
    "e => console.error('policy violated: ' + e.violatedDirective + ' ' + e.blockedURI))"
)
OVERFLOW: Final = "document.documentElement.scrollWidth - document.documentElement.clientWidth"
# Colours change over some frames; axe would measure them half way.
SETTLED: Final = (
    "new Promise(requestAnimationFrame).then(() => new Promise(requestAnimationFrame))"
    ".then(() => Promise.allSettled(document.getAnimations().map(each => each.finished)))"
)
REFUSED: Final = ("a status of 409", "a status of 422")  # refusals that the test asked for


@dataclass
class Visitor:
    """One person with a browser of their own; `faults` collects whatever the browser complained about."""

    context: BrowserContext
    page: Page
    address: str
    faults: list[str] = field(default_factory=list)

    def visit(self, path: str) -> None:
        answer = self.page.goto(path if path.startswith("http") else self.address + path)
        if answer is None or answer.status >= 400:
            self.faults.append(f"{path} answered {answer and answer.status}")

    def fill(self, form: str, values: Mapping[str, Any]) -> None:
        """Types into the named fields of the form at `form` (a selector)."""
        for name, value in values.items():
            control = self.page.locator(f"{form} [name='{name}']")
            if isinstance(value, list):
                for choice in value:
                    self.page.locator(f"{form} [name='{name}'][value='{choice}']").check()
            elif isinstance(value, bool):
                control.set_checked(value)
            elif control.evaluate("e => e.tagName") == "SELECT":
                control.select_option(value)
            else:
                control.fill(str(value))

    def press(self, name: str) -> None:
        self.page.get_by_role("button", name=name, exact=True).click()

    def send(self, button: str, values: Mapping[str, Any], *, form: str = "main form") -> None:
        self.fill(form, values)
        self.press(button)
        self.page.wait_for_load_state("networkidle")

    def unfold(self, summary: str, button: str, values: Mapping[str, Any]) -> None:
        """Opens a folded form, fills it in and sends it."""
        self.page.locator("summary", has_text=summary).first.click()
        self.send(button, values, form="details.act[open] form")

    def reads(self, text: str) -> None:
        """Waits until the page shows the text."""
        self.page.get_by_text(text).first.wait_for()

    def value(self, field_id: str) -> str:
        return self.page.locator(f"#{field_id}").input_value()

    def look(self) -> None:
        """Looks at the page in both themes, wide and narrow, with axe's eyes; notes what is wrong."""
        self.page.evaluate(AXE_SCRIPT)
        for theme, size in LOOKS:
            self.page.emulate_media(color_scheme=theme, reduced_motion="reduce")
            self.page.set_viewport_size(size)
            self.page.evaluate(SETTLED)
            place = f"{self.page.url} {theme} {size['width']}"
            self.faults += [
                f"{place}: {fault}" for fault in self._faults(AXE if theme == "light" else CONTRAST)
            ]
        self.page.set_viewport_size(LOOKS[0][1])

    def _faults(self, options: Mapping[str, Any]) -> Iterator[str]:
        found = self.page.evaluate("options => axe.run(document, options)", options)
        for violation in found["violations"]:
            targets = [node["target"] for node in violation["nodes"]]
            yield f"{violation['id']} at {targets[:3]}"
        if (over := self.page.evaluate(OVERFLOW)) > 0:
            yield f"{over} px wider than the screen"

    def note(self, message: ConsoleMessage) -> None:
        if message.type in {"error", "warning"} and not any(told in message.text for told in REFUSED):
            self.faults.append(f"{self.page.url} console: {message.text}")


@contextmanager
def visitor(browser: Browser, address: str) -> Iterator[Visitor]:
    """A person whose browser has never been here; fails at the end when it complained."""
    context = browser.new_context(viewport=LOOKS[0][1], base_url=address)
    context.set_default_timeout(15_000)
    context.add_init_script(TELL_VIOLATIONS)
    person = Visitor(context, context.new_page(), address)
    person.page.on("console", person.note)
    person.page.on("pageerror", lambda error: person.faults.append(f"{person.page.url} script: {error}"))
    try:
        yield person
    finally:
        context.close()
    if person.faults:
        raise AssertionError("\n".join(["The browser complained:", *person.faults]))
