"""The one guarded way out: nothing of ours calls an address that somebody typed in but through `fetch`.

A name is resolved once, every address it has must be public, and the connection goes to one of these very
addresses under the original name. So a name that leads elsewhere a moment later leads nowhere. Bodies are
taken as they come, never decoded, and only up to a size; a call as a whole has a deadline, however slowly
the other side drips. Proxies of the environment, cookies and credentials in the address play no part.

The operator's `EGRESS_ALLOWED_HOSTS` names exceptions, host:port by host:port.
"""

import re
import socket
import ssl
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import closing, contextmanager
from dataclasses import dataclass, field
from hashlib import sha256
from http.client import HTTPException
from ipaddress import IPv4Address, IPv6Address, IPv6Network, ip_address, ip_network
from queue import Empty, SimpleQueue
from threading import Event, Thread, Timer
from time import monotonic
from typing import Final
from urllib.parse import urljoin

from django.conf import settings
from urllib3.connection import HTTPConnection, HTTPSConnection
from urllib3.exceptions import HTTPError
from urllib3.response import BaseHTTPResponse
from urllib3.util import Url, parse_url

KEPT: Final = 64 * 1024
PIECE: Final = 64 * 1024
CONNECT: Final = 5.0
WHOLE: Final = 15.0
PORTS: Final = {"https": {443, 8443}, "http": {80, 8080}}
USUAL_PORT: Final = {"https": 443, "http": 80}
REDIRECTS: Final = {301, 302, 303, 307, 308}
AGENT: Final = "Cairn"
NOT_PUBLIC: Final = "It leads to an address that is not public; Cairn calls only what anyone could."
MUDDLED: Final = re.compile(r"[\x00-\x20\x7f\\]")

# Of IPv6 only this part is handed out to the world; the second carries an IPv4 address at its end.
HANDED_OUT: Final = IPv6Network("2000::/3")
NAT64: Final = IPv6Network("64:ff9b::/96")
# Public by their number, but not somebody's server: relays of 6to4, documentation.
NOBODYS: Final = [ip_network(net) for net in ("192.88.99.0/24", "192.0.0.0/24", "3fff::/20")]

FOR_EXAMPLES: Final = {"example", "invalid", "test"}  # RFC 6761

Resolve = Callable[[str, int], list[str]]


class NotReached(Exception):
    """There was no answer. `str()` says why; `is_final`: it never will, the address is not allowed.

    `may_have_arrived`: the request had left before the line broke or the time was over.
    """

    def __init__(self, reason: str, *, is_final: bool = False, may_have_arrived: bool = False) -> None:
        super().__init__(reason)
        self.reason = reason
        self.is_final = is_final
        self.may_have_arrived = may_have_arrived


@dataclass(frozen=True, slots=True, kw_only=True)
class Answer:
    """What came back. Header names are in lower case, `body` holds the beginning.

    `sha256` and `size` are of all that was read; `truncated`: there was more than that.
    """

    status: int
    headers: Mapping[str, str]
    body: bytes
    sha256: str
    size: int
    truncated: bool


def fetch(
    url: str,
    *,
    method: str = "GET",
    headers: Iterable[tuple[str, str]] = (),
    body: bytes | None = None,
    limit: int = KEPT,
    digest_limit: int | None = None,
    allow_http: bool = False,
    redirects: int = 0,
    seconds: float = WHOLE,
    resolve: Resolve | None = None,
) -> Answer:
    """Calls an address and keeps at most `limit` bytes of the answer, hashing up to `digest_limit`.

    At most `redirects` are followed, each checked like the first; beyond none, one is an answer like others.

    Raises:
        NotReached: when the address is not allowed, or nothing came back in time.
    """
    ask = _Ask(method, {"Accept-Encoding": "identity", "User-Agent": AGENT, **dict(headers)}, body)
    most = max(limit, digest_limit or 0)
    with _deadline(seconds) as deadline:
        for left in range(redirects, -1, -1):
            target = _target(url, allow_http=allow_http)
            answer = _called(target, ask, resolve or addresses_of, deadline, limit=limit, most=most)
            if not redirects or answer.status not in REDIRECTS or "location" not in answer.headers:
                return answer
            if left:
                url = urljoin(url, answer.headers["location"])
    raise NotReached(f"It leads on more than {redirects} times.")


def check_address(url: str, *, allow_http: bool = False) -> None:
    """Says before anything is sent what `fetch` would refuse, as far as the address itself tells.

    Raises:
        NotReached: with the reason.
    """
    target = _target(url, allow_http=allow_http)
    if not target.is_allowed and _is_number(target.host) and not is_public(target.host.strip("[]")):
        raise NotReached(NOT_PUBLIC, is_final=True)


def _is_number(host: str) -> bool:
    try:
        ip_address(host.strip("[]"))
    except ValueError:
        return False
    return True


@dataclass(frozen=True, slots=True)
class _Ask:
    method: str
    headers: Mapping[str, str]
    body: bytes | None


@dataclass(frozen=True, slots=True)
class _Target:
    """Where a call goes. `is_allowed`: the operator vouches for it, whatever its address."""

    scheme: str
    host: str
    port: int
    path: str
    is_allowed: bool


def _target(url: str, *, allow_http: bool) -> _Target:
    parts = _parts(url)
    scheme, host = parts.scheme or "", parts.host or ""
    if scheme not in PORTS:
        raise NotReached("It is no web address.", is_final=True)
    if parts.auth is not None:
        raise NotReached("It holds a name or password before the host.", is_final=True)
    if not host or "%" in host or _is_odd_number(host):
        raise NotReached("Its host is no plain name or address.", is_final=True)
    port = parts.port or USUAL_PORT[scheme]
    is_allowed = f"{host}:{port}" in settings.EGRESS_ALLOWED_HOSTS
    if not is_allowed:
        _check_way(scheme, port, allow_http=allow_http)
    return _Target(scheme, host, port, parts.request_uri, is_allowed)


def _parts(url: str) -> Url:
    """No two readers agree on an address with spaces, control characters or backslashes in it."""
    try:
        if not MUDDLED.search(url):
            return parse_url(url)
    except HTTPError:
        pass
    raise NotReached("It is no web address.", is_final=True)


def _check_way(scheme: str, port: int, *, allow_http: bool) -> None:
    if scheme == "http" and not allow_http:
        raise NotReached("It must begin with https://.", is_final=True)
    if port not in PORTS[scheme]:
        ports = " or ".join(map(str, sorted(PORTS[scheme])))
        raise NotReached(f"Its port is {port}; for {scheme} only {ports} may be called.", is_final=True)


def _is_odd_number(host: str) -> bool:
    """2130706433, 0x7f.1 and 0177.0.0.1 are addresses to a resolver, and to nobody who reads them."""
    bare = host.strip("[]")
    last = bare.rstrip(".").rpartition(".")[2]
    if not last.isdigit() and not last.startswith("0x"):
        return False
    try:
        ip_address(bare)
    except ValueError:
        return True
    return False


def addresses_of(host: str, port: int) -> list[str]:
    """The addresses a name has now, in the order to try them.

    Raises:
        NotReached: when the name is kept for examples and tests, where nothing can ever be.
    """
    if host.rstrip(".").rpartition(".")[2] in FOR_EXAMPLES:
        raise NotReached("Its name is one of those kept for examples; nothing is there.", is_final=True)
    found = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)
    return list(dict.fromkeys(str(address[0]) for *_, address in found))


def is_public(address: str) -> bool:
    """Whether an address is a place on the internet that anyone may call, also where it carries another."""
    return _is_public(ip_address(address))


def _is_public(ip: IPv4Address | IPv6Address) -> bool:
    if any(ip in net for net in NOBODYS if net.version == ip.version) or ip.is_multicast:
        return False
    if isinstance(ip, IPv4Address):
        return ip.is_global
    if carried := _carried(ip):
        return all(map(_is_public, carried))
    return ip in HANDED_OUT and ip.is_global


def _carried(ip: IPv6Address) -> list[IPv4Address]:
    """The IPv4 addresses that an IPv6 address stands for or leads through."""
    if ip.ipv4_mapped:
        return [ip.ipv4_mapped]
    if ip in NAT64:
        return [IPv4Address(ip.packed[-4:])]
    if ip.sixtofour:
        return [ip.sixtofour]
    return list(ip.teredo or ())


@dataclass(slots=True)
class _Deadline:
    """All the time a call has. When it is over, the line that is held is cut from beside."""

    seconds: float
    ends: float
    is_over: Event = field(default_factory=Event)
    has_asked: bool = False
    line: socket.socket | None = None

    def left(self, most: float = WHOLE) -> float:
        """The seconds left, at most so many.

        Raises:
            NotReached: when there are none.
        """
        if (left := min(self.ends - monotonic(), most)) <= 0 or self.is_over.is_set():
            said = f"It took longer than {self.seconds:.0f} seconds."
            raise NotReached(said, may_have_arrived=self.has_asked)
        return left

    def hold(self, line: socket.socket) -> socket.socket:
        """Holds the line by a handle of its own, which stays good when the other is wrapped or closed."""
        self.let_go()
        self.line = line.dup()
        return line

    def cut(self) -> None:
        self.is_over.set()
        if line := self.line:
            try:
                line.shutdown(socket.SHUT_RDWR)
            except OSError:
                return  # closed meanwhile: there is nothing left to cut

    def let_go(self) -> None:
        if line := self.line:
            line.close()


@contextmanager
def _deadline(seconds: float) -> Iterator[_Deadline]:
    deadline = _Deadline(seconds, monotonic() + seconds)
    timer = Timer(seconds, deadline.cut)
    timer.daemon = True
    timer.start()
    try:
        yield deadline
    finally:
        timer.cancel()
        deadline.let_go()


def _called(
    target: _Target, ask: _Ask, resolve: Resolve, deadline: _Deadline, *, limit: int, most: int
) -> Answer:
    addresses = _allowed_addresses(target, resolve, deadline)
    lead = _connection(target, lambda: deadline.hold(_connected(addresses, target.port, deadline)))
    with _told_in_words(deadline), closing(lead) as connection:
        connection.connect()
        connection.sock.settimeout(deadline.left())
        deadline.has_asked = True
        connection.request(
            ask.method, target.path, ask.body, ask.headers, preload_content=False, decode_content=False
        )
        with closing(connection.getresponse()) as response:
            deadline.left()  # a head that was cut reads like a short one
            return _read(response, deadline, limit=limit, most=most)


def _allowed_addresses(target: _Target, resolve: Resolve, deadline: _Deadline) -> list[str]:
    addresses = _resolved(target, resolve, deadline.left(CONNECT))
    if not target.is_allowed and not all(map(is_public, addresses)):
        raise NotReached(NOT_PUBLIC, is_final=True)
    return addresses


def _resolved(target: _Target, resolve: Resolve, seconds: float) -> list[str]:
    """Looked up beside us: a resolver takes as long as it likes, and cannot be told to stop."""
    found: SimpleQueue[list[str] | NotReached] = SimpleQueue()

    def look_up() -> None:
        try:
            found.put(resolve(target.host.strip("[]"), target.port))
        except NotReached as refused:
            found.put(refused)
        except (OSError, UnicodeError):
            found.put([])

    Thread(target=look_up, daemon=True).start()
    try:
        addresses = found.get(timeout=seconds)
    except Empty:
        raise NotReached("Its name could not be looked up in time.") from None
    if isinstance(addresses, NotReached):
        raise addresses
    if not addresses:
        raise NotReached("Nothing has this name.")
    return addresses


class _Plain(HTTPConnection):
    """Goes where it is led, whatever the name says by now."""

    lead: Callable[[], socket.socket]

    def _new_conn(self) -> socket.socket:
        return self.lead()


class _Sealed(HTTPSConnection):
    """The same; its certificate must be good for the original name."""

    lead: Callable[[], socket.socket]

    def _new_conn(self) -> socket.socket:
        return self.lead()


def _connection(target: _Target, lead: Callable[[], socket.socket]) -> _Plain | _Sealed:
    connection = (_Sealed if target.scheme == "https" else _Plain)(target.host, target.port)
    connection.lead = lead
    return connection


def _connected(addresses: list[str], port: int, deadline: _Deadline) -> socket.socket:
    """Connects to the first address that answers. All of them together have the time for connecting."""
    ends = monotonic() + deadline.left(CONNECT)
    *others, last = addresses
    for address in others:
        try:
            return _dialled(address, port, (ends - monotonic()) / 2)  # a dead one leaves some for the next
        except OSError:
            continue
    return _dialled(last, port, ends - monotonic())


def _dialled(address: str, port: int, seconds: float) -> socket.socket:
    family = socket.AF_INET6 if ":" in address else socket.AF_INET
    line = socket.socket(family, socket.SOCK_STREAM)
    try:
        line.settimeout(max(seconds, 0.1))
        line.connect((address, port))
        line.settimeout(CONNECT)  # for the handshake as a whole
    except BaseException:
        line.close()
        raise
    return line


@contextmanager
def _told_in_words(deadline: _Deadline) -> Iterator[None]:
    try:
        yield
    except (OSError, HTTPException, HTTPError) as error:
        deadline.left()
        raise NotReached(_words(error), may_have_arrived=deadline.has_asked) from error


def _words(error: Exception) -> str:
    if isinstance(error, ssl.SSLCertVerificationError):
        return "Its certificate is not valid for this name."
    if isinstance(error, ssl.SSLError):
        return "No secure connection could be made."
    if isinstance(error, TimeoutError):
        return "It did not answer in time."
    if isinstance(error, ConnectionRefusedError):
        return "Nothing answers there."
    if isinstance(error, (HTTPException, HTTPError, ConnectionError)):
        return "The connection broke off, or what came was no answer."
    return "It could not be reached."


def _read(response: BaseHTTPResponse, deadline: _Deadline, *, limit: int, most: int) -> Answer:
    """Reads up to `most` bytes. What ends at the deadline is an answer all the same, cut short."""
    digest, kept, size, truncated = sha256(), bytearray(), 0, False
    try:
        for piece in response.stream(PIECE, decode_content=False):
            part = piece[: most - size]
            digest.update(part)
            kept += part[: max(limit - size, 0)]
            size += len(part)
            if truncated := len(part) < len(piece):
                break
    except (OSError, HTTPError):
        if not deadline.is_over.is_set():
            raise
    return Answer(
        status=response.status,
        headers={name.lower(): value for name, value in response.headers.items()},
        body=bytes(kept),
        sha256=digest.hexdigest(),
        size=size,
        truncated=truncated or deadline.is_over.is_set(),
    )
