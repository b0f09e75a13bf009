"""A small load generator: keep-alive connections in one loop, so many requests, each sent once."""

import selectors
import socket
import time
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Load:
    """What a run measured. Times in seconds, ascending."""

    seconds: float
    times: Sequence[float]
    refused: Sequence[bytes]  # answers other than 200

    @property
    def rate(self) -> float:
        """Requests answered in a second."""
        return len(self.times) / self.seconds

    def percentile(self, share: float) -> float:
        return self.times[min(len(self.times) - 1, int(share * len(self.times)))]


def post(path: str, body: bytes, headers: Mapping[str, str]) -> bytes:
    """The bytes of one POST."""
    return _request("POST", path, {"Content-Length": str(len(body)), **headers}) + body


def get(path: str, headers: Mapping[str, str]) -> bytes:
    """The bytes of one GET."""
    return _request("GET", path, headers)


def _request(method: str, path: str, headers: Mapping[str, str]) -> bytes:
    lines = [f"{method} {path} HTTP/1.1", "Host: localhost"]
    lines += [f"{name}: {value}" for name, value in headers.items()]
    return "\r\n".join([*lines, "", ""]).encode()


def run(port: int, requests: Sequence[bytes], *, connections: int) -> Load:
    """Sends every request once over so many connections, each waiting for its answer before the next."""
    waiting = iter(requests)
    times: list[float] = []
    refused: list[bytes] = []
    with selectors.DefaultSelector() as selector:
        for _ in range(connections):
            line = socket.create_connection(("127.0.0.1", port))
            line.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
            selector.register(line, selectors.EVENT_READ, [0.0])
        started = time.perf_counter()
        for key in list(selector.get_map().values()):
            _send_next(selector, key, waiting)
        while selector.get_map():
            for key, _ in selector.select():
                answer = _answer(key.fileobj)
                times.append(time.perf_counter() - key.data[0])
                if not answer.startswith(b"HTTP/1.1 200"):
                    refused.append(answer)
                _send_next(selector, key, waiting)
        seconds = time.perf_counter() - started
    return Load(seconds, sorted(times), refused)


def one(port: int, request: bytes) -> bytes:
    """The answer to a single request."""
    with socket.create_connection(("127.0.0.1", port)) as line:
        line.sendall(request)
        return _answer(line)


def _send_next(
    selector: selectors.BaseSelector, key: selectors.SelectorKey, waiting: Iterator[bytes]
) -> None:
    line = key.fileobj
    assert isinstance(line, socket.socket)
    if (request := next(waiting, None)) is None:
        selector.unregister(line)
        line.close()
        return
    key.data[0] = time.perf_counter()
    line.sendall(request)


def _answer(line: object) -> bytes:
    """One whole answer; they are small and usually come in one piece."""
    assert isinstance(line, socket.socket)
    answer = line.recv(65536)
    while not _is_whole(answer):
        if not (more := line.recv(65536)):
            raise ConnectionError("The server hung up in the middle of an answer.")
        answer += more
    return answer


def _is_whole(answer: bytes) -> bool:
    head, blank, body = answer.partition(b"\r\n\r\n")
    if not blank:
        return False
    lengths = [line for line in head.lower().split(b"\r\n") if line.startswith(b"content-length:")]
    return len(body) >= int(lengths[0].removeprefix(b"content-length:"))
