"""Makes one PDF of one page of HTML, in a process of its own: no settings, no secrets, no network, bounded.

    python -m proofs.rendering.child < order.json > packet.pdf

It imports nothing of Cairn. Whatever goes wrong ends this process only; its last line says why.
"""

import base64
import json
import os
import resource
import sys
from typing import Any, Final, TypedDict

MEMORY: Final = 512 * 1024**2
SECONDS: Final = 20
DEEPEST: Final = 60  # elements within elements; the templates reach about a dozen
ASSET: Final = "asset:"


class Order(TypedDict):
    """What to make: styles in their order, assets (base64) by the name after `asset:`, the file's own id."""

    html: str
    styles: list[str]
    assets: dict[str, str]
    identifier: str


class Refused(Exception):
    """An order that is not carried out."""


def made(order: Order) -> bytes:
    # Imported under the limits, which are to hold for what it loads as well.
    from weasyprint import CSS, HTML
    from weasyprint.text.fonts import FontConfiguration

    fetcher = _fetcher({name: base64.b64decode(text) for name, text in order["assets"].items()})
    html = HTML(string=order["html"], url_fetcher=fetcher, base_url=ASSET)
    _check_depth(html.etree_element)
    fonts = FontConfiguration()
    styles = [
        CSS(string=text, url_fetcher=fetcher, font_config=fonts, base_url=ASSET) for text in order["styles"]
    ]
    pdf = html.write_pdf(
        stylesheets=styles,
        font_config=fonts,
        pdf_variant="pdf/ua-1",
        pdf_identifier=bytes.fromhex(order["identifier"]),
    )
    return bytes(pdf)


def _fetcher(assets: dict[str, bytes]) -> Any:
    from weasyprint.urls import URLFetcher, URLFetcherResponse

    class Assets(URLFetcher):  # type: ignore[misc]  # WeasyPrint ships no types
        """Hands out what came with the order, and nothing else whatever the address."""

        def fetch(self, url: str, headers: object = None) -> Any:
            try:
                return URLFetcherResponse(url, assets[url.removeprefix(ASSET)])
            except KeyError:
                raise ValueError(f"{url[:100]} is not an asset of this document.") from None

    return Assets()


def _check_depth(root: Any) -> None:
    level, depth = [root], 0
    while level:
        depth += 1
        if depth > DEEPEST:
            raise Refused(f"Elements are nested deeper than {DEEPEST}.")
        level = [child for element in level for child in element]


def bind() -> None:
    """From here on this process cannot grow, run on, or reach another machine, and gives way to others."""
    if sys.platform == "linux":  # elsewhere the kernel refuses this limit
        resource.setrlimit(resource.RLIMIT_AS, (MEMORY, MEMORY))
    resource.setrlimit(resource.RLIMIT_CPU, (SECONDS, SECONDS))
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    os.nice(5)
    sys.addaudithook(_refuse_network)


def _refuse_network(event: str, _: object) -> None:
    if event.startswith("socket."):
        raise Refused("This process speaks to no other.")


def main() -> None:
    bind()
    try:
        pdf = made(json.load(sys.stdin))
    except Exception as error:
        sys.exit(f"{type(error).__name__}: {error}")
    sys.stdout.buffer.write(pdf)


if __name__ == "__main__":
    main()
