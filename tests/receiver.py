"""A real web server on loopback that keeps what it is asked and answers as it is told, well or badly."""

import ssl
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Thread
from typing import Any

Behaviour = Callable[[BaseHTTPRequestHandler], None]


@dataclass(frozen=True)
class Request:
    method: str
    path: str
    headers: dict[str, str]
    body: bytes


@dataclass
class Receiver:
    """`ways` maps a path to how it is answered; other paths are 404. `requests` holds what arrived whole."""

    port: int
    ways: dict[str, Behaviour] = field(default_factory=dict)
    requests: list[Request] = field(default_factory=list)

    @property
    def place(self) -> str:
        """As the operator's list of allowed hosts names it."""
        return f"127.0.0.1:{self.port}"

    def url(self, path: str, *, scheme: str = "http") -> str:
        return f"{scheme}://{self.place}{path}"

    def paths(self) -> list[str]:
        return [request.path for request in self.requests]


def saying(body: bytes, *, status: int = 200, **headers: str) -> Behaviour:
    """Answers with a body; header names are given with underscores."""

    def answer(handler: BaseHTTPRequestHandler) -> None:
        handler.send_response(status)
        for name, value in {"content_length": str(len(body)), **headers}.items():
            handler.send_header(name.replace("_", "-"), value)
        handler.end_headers()
        handler.wfile.write(body)

    return answer


def leading(url: str, *, status: int = 302) -> Behaviour:
    return saying(b"", status=status, location=url)


def in_turn(*ways: Behaviour) -> Behaviour:
    """Answers one way after the other; the last one stays."""
    left = list(ways)

    def answer(handler: BaseHTTPRequestHandler) -> None:
        (left.pop(0) if len(left) > 1 else left[0])(handler)

    return answer


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    receiver: Receiver

    def _answer(self) -> None:
        body = self.rfile.read(int(self.headers.get("content-length") or 0))
        headers = {name.lower(): value for name, value in self.headers.items()}
        self.receiver.requests.append(Request(self.command, self.path, headers, body))
        self.close_connection = True
        with suppress(OSError):  # the other side has had enough
            self.receiver.ways.get(self.path, saying(b"", status=404))(self)

    do_GET = do_POST = _answer  # noqa: N815 - named by http.server

    def log_message(self, *args: Any) -> None:
        return


@contextmanager
def receiver(*, tls: ssl.SSLContext | None = None) -> Iterator[Receiver]:
    """A running server."""
    handler = type("Handler", (_Handler,), {})
    with ThreadingHTTPServer(("127.0.0.1", 0), handler) as server:
        server.handle_error = lambda *args: None  # type: ignore[method-assign]
        if tls:
            server.socket = tls.wrap_socket(server.socket, server_side=True)
        handler.receiver = Receiver(server.server_port)  # type: ignore[attr-defined]
        thread = Thread(target=server.serve_forever, args=(0.05,), daemon=True)
        thread.start()
        try:
            yield handler.receiver  # type: ignore[attr-defined]
        finally:
            server.shutdown()
            thread.join()
