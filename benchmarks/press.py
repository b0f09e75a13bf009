"""The floor under the PDFs: bare WeasyPrint of the same HTML and styles, without limits, tags or a guard.

python -m benchmarks.press < order.json > packet.pdf
"""

import base64
import json
import sys

from weasyprint import CSS, HTML
from weasyprint.text.fonts import FontConfiguration
from weasyprint.urls import URLFetcher, URLFetcherResponse


class Given(URLFetcher):  # type: ignore[misc]  # WeasyPrint ships no types
    def __init__(self, assets: dict[str, str]) -> None:
        super().__init__()
        self.assets = assets

    def fetch(self, url: str, headers: object = None) -> URLFetcherResponse:
        return URLFetcherResponse(url, base64.b64decode(self.assets[url.removeprefix("asset:")]))


def main() -> None:
    order = json.load(sys.stdin)
    fetcher, fonts = Given(order["assets"]), FontConfiguration()
    styles = [CSS(string=text, url_fetcher=fetcher, font_config=fonts) for text in order["styles"]]
    html = HTML(string=order["html"], url_fetcher=fetcher, base_url="asset:")
    sys.stdout.buffer.write(html.write_pdf(stylesheets=styles, font_config=fonts))


if __name__ == "__main__":
    main()
