"""The way out leads to public places only, and nobody there can hold us up or fill us."""

import gzip
import hashlib
import os
import socket
import ssl
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from http.server import BaseHTTPRequestHandler
from threading import Event
from time import monotonic
from typing import Any

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

from journal import egress
from journal.egress import NotReached, fetch
from tests.plugins.sockets import OutsideWorld
from tests.receiver import Behaviour, Receiver, in_turn, leading, receiver, saying

PUBLIC = "93.184.215.14"
HOSTS = [
    "127.0.0.1",
    "10.0.0.1",
    "100.64.0.1",
    "169.254.169.254",
    "172.16.0.1",
    "192.0.0.8",
    "192.88.99.1",
    "192.168.1.1",
    "198.18.0.1",
    "224.0.0.1",
    "240.0.0.1",
    "255.255.255.255",
    "0.0.0.0",
    "[::]",
    "[::1]",
    "[::127.0.0.1]",
    "[::ffff:127.0.0.1]",
    "[::ffff:a00:1]",
    "[64:ff9b::7f00:1]",
    "[64:ff9b::a9fe:a9fe]",
    "[64:ff9b:1::808:808]",
    "[2002:7f00:1::]",
    "[2002:a00:1::1]",
    "[2001:0:7f00:1::]",
    "[2001:db8::1]",
    "[3fff::1]",
    "[5f00::1]",
    "[fc00::1]",
    "[fe80::1]",
    "[fec0::1]",
    "[ff0e::1]",
    "localhost",
]
ODD = [
    "2130706433",
    "0x7f000001",
    "0x7f.0.0.1",
    "0177.0.0.1",
    "127.1",
    "127.0.0.1.",
    "127.0.0.0x1",
    "[fe80::1%25lo]",
    "[fe80::1%lo]",
]


@pytest.fixture
def there() -> Iterator[Receiver]:
    with receiver() as running:
        yield running


@pytest.fixture
def allowed(there: Receiver, settings: Any) -> Receiver:
    settings.EGRESS_ALLOWED_HOSTS = [there.place]
    return there


def reason_of(url: str, **how: Any) -> NotReached:
    with pytest.raises(NotReached) as caught:
        fetch(url, **how)
    return caught.value


def public(host: str, port: int) -> list[str]:
    return [PUBLIC]


# --- Where it does not go -------------------------------------------------------------------------


@pytest.mark.parametrize("host", HOSTS)
def test_what_is_not_public_is_never_called(host):
    refused = reason_of(f"https://{host}/")

    assert (str(refused), refused.is_final) == (
        "It leads to an address that is not public; Cairn calls only what anyone could.",
        True,
    )


@pytest.mark.parametrize("host", ODD)
def test_an_address_in_disguise_is_not_even_resolved(host):
    asked: list[str] = []

    def noting(host: str, port: int) -> list[str]:
        asked.append(host)
        return [PUBLIC]

    refused = reason_of(f"https://{host}/", resolve=noting)

    assert (str(refused), refused.is_final, asked) == ("Its host is no plain name or address.", True, [])


@pytest.mark.parametrize(
    ("url", "said"),
    [
        ("http://example.com/", "It must begin with https://."),
        ("ftp://example.com/", "It is no web address."),
        ("file:///etc/passwd", "It is no web address."),
        ("gopher://example.com:443/", "It is no web address."),
        ("javascript:alert(1)", "It is no web address."),
        ("//example.com/", "It is no web address."),
        ("example.com", "It is no web address."),
        ("", "It is no web address."),
        ("https://exa mple.com/", "It is no web address."),
        ("https://example.com\r\nHost: inside/", "It is no web address."),
        ("https://example.com:99999/", "It is no web address."),
        ("https://", "Its host is no plain name or address."),
        ("https://user@example.com/", "It holds a name or password before the host."),
        ("https://user:word@example.com/", "It holds a name or password before the host."),
        ("https://good.example\\@127.0.0.1/", "It is no web address."),
        ("https://example.com:22/", "Its port is 22; for https only 443 or 8443 may be called."),
        ("https://example.com:80/", "Its port is 80; for https only 443 or 8443 may be called."),
    ],
)
def test_an_address_that_may_not_be_called_says_why(url, said):
    refused = reason_of(url, resolve=public)

    assert (str(refused), refused.is_final) == (said, True)


def test_plain_http_is_for_callers_who_say_so_and_for_its_own_ports(there):
    refused = reason_of("http://example.com:8000/", allow_http=True, resolve=public)

    assert str(refused) == "Its port is 8000; for http only 80 or 8080 may be called."
    with pytest.raises(OutsideWorld, match=PUBLIC):
        fetch("http://example.com:8080/", allow_http=True, resolve=public)


def test_one_private_address_among_public_ones_is_enough_to_stay_away():
    refused = reason_of("https://mixed.example/", resolve=lambda host, port: [PUBLIC, "10.0.0.7"])

    assert refused.is_final


def test_a_name_is_asked_for_once_and_the_answer_that_was_checked_is_called(there):
    answers = in_order([PUBLIC], ["127.0.0.1"])

    with pytest.raises(OutsideWorld, match=PUBLIC):
        fetch(f"https://changing.example:{8443}/", resolve=lambda host, port: next(answers))

    assert (next(answers), there.requests) == (["127.0.0.1"], [])


def in_order(*answers: list[str]) -> Iterator[list[str]]:
    return iter(answers)


@pytest.mark.parametrize(
    ("address", "is_public"),
    [
        (PUBLIC, True),
        ("2606:4700::1111", True),
        ("::ffff:8.8.8.8", True),
        ("64:ff9b::808:808", True),
        ("2002:808:808::1", True),
        ("::ffff:10.0.0.1", False),
        ("::8.8.8.8", False),
    ],
)
def test_a_carried_address_counts_as_what_it_carries(address, is_public):
    assert egress.is_public(address) is is_public


def test_a_name_that_nothing_has_may_have_somebody_tomorrow():
    refused = reason_of("https://nobody.example/", resolve=lambda host, port: [])

    assert (str(refused), refused.is_final) == ("Nothing has this name.", False)


@pytest.mark.parametrize("host", ["dash.example", "dash.example.", "a.b.test", "x.invalid", "example"])
def test_a_name_kept_for_examples_is_not_even_asked_for(host):
    refused = reason_of(f"https://{host}/")

    assert (str(refused), refused.is_final) == (
        "Its name is one of those kept for examples; nothing is there.",
        True,
    )


def test_a_resolver_that_never_answers_holds_nobody_up():
    never = Event()

    def waits(host: str, port: int) -> list[str]:
        never.wait(30)
        return []

    refused = reason_of("https://slow.example/", seconds=0.2, resolve=waits)
    never.set()

    assert (str(refused), refused.is_final) == ("Its name could not be looked up in time.", False)


# --- What the operator allows ---------------------------------------------------------------------


def test_an_allowed_host_and_port_is_called_as_it_is(allowed):
    allowed.ways["/hook?a=1"] = saying(b"thanks", status=202, x_Seen="yes")

    answer = fetch(allowed.url("/hook?a=1"), method="POST", headers=[("X-Mark", "7")], body=b"{}")

    (asked,) = allowed.requests
    assert (answer.status, answer.body, answer.headers["x-seen"]) == (202, b"thanks", "yes")
    assert (answer.sha256, answer.size, answer.truncated) == (hashlib.sha256(b"thanks").hexdigest(), 6, False)
    assert (asked.method, asked.body, asked.headers["x-mark"]) == ("POST", b"{}", "7")
    assert (asked.headers["host"], asked.headers["accept-encoding"]) == (allowed.place, "identity")


def test_only_the_very_host_and_port_is_allowed(allowed):
    by_another_name = reason_of(f"http://localhost:{allowed.port}/", allow_http=True)
    at_another_port = reason_of("https://127.0.0.1/")

    assert (by_another_name.is_final, at_another_port.is_final, allowed.requests) == (True, True, [])


def test_proxies_of_the_environment_play_no_part(allowed, monkeypatch):
    allowed.ways["/"] = saying(b"direct")
    monkeypatch.setenv("http_proxy", "http://127.0.0.1:9")
    monkeypatch.setenv("ALL_PROXY", "http://127.0.0.1:9")

    assert fetch(allowed.url("/")).body == b"direct"


def test_what_does_not_listen_is_said_so(settings):
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    settings.EGRESS_ALLOWED_HOSTS = [f"127.0.0.1:{port}"]

    refused = reason_of(f"http://127.0.0.1:{port}/")

    assert (str(refused), refused.is_final) == ("Nothing answers there.", False)


# --- Redirects ------------------------------------------------------------------------------------


def test_a_redirect_is_an_answer_unless_the_caller_follows(allowed):
    allowed.ways["/old"] = leading("/new")

    assert (fetch(allowed.url("/old")).status, allowed.paths()) == (302, ["/old"])


def test_three_redirects_are_followed_and_not_a_fourth(allowed):
    for n in range(4):
        allowed.ways[f"/{n}"] = leading(f"/{n + 1}")
    allowed.ways["/4"] = saying(b"here")

    assert fetch(allowed.url("/1"), redirects=3).body == b"here"
    refused = reason_of(allowed.url("/0"), redirects=3)

    assert (str(refused), refused.is_final) == ("It leads on more than 3 times.", False)
    assert allowed.paths() == ["/1", "/2", "/3", "/4", "/0", "/1", "/2", "/3"]


@pytest.mark.parametrize(
    "target",
    [
        "http://127.0.0.1:{inside}/",
        "http://localhost:{inside}/",
        "https://[::ffff:127.0.0.1]/",
        "https://169.254.169.254/latest",
        "file:///etc/passwd",
    ],
)
def test_every_hop_is_checked_anew(allowed, target):
    with receiver() as inside:
        allowed.ways["/"] = leading(target.format(inside=inside.port))

        refused = reason_of(allowed.url("/"), redirects=3, allow_http=True)

        assert (refused.is_final, inside.requests) == (True, [])


# --- What comes back ------------------------------------------------------------------------------


def test_a_flood_is_read_up_to_the_limit_and_left(allowed):
    def flood(handler: BaseHTTPRequestHandler) -> None:
        handler.wfile.write(b"HTTP/1.1 200 OK\r\n\r\n")
        while True:
            handler.wfile.write(b"x" * 65536)

    allowed.ways["/"] = flood
    answer = fetch(allowed.url("/"))

    assert (len(answer.body), answer.size, answer.truncated) == (65536, 65536, True)
    assert answer.sha256 == hashlib.sha256(b"x" * 65536).hexdigest()


def test_a_body_is_hashed_further_than_it_is_kept(allowed):
    body = os.urandom(300_000)
    allowed.ways["/"] = saying(body)

    whole = fetch(allowed.url("/"), limit=10, digest_limit=300_000)
    most = fetch(allowed.url("/"), limit=10, digest_limit=299_999)

    assert (whole.body, whole.size, whole.truncated) == (body[:10], 300_000, False)
    assert whole.sha256 == hashlib.sha256(body).hexdigest()
    assert (most.size, most.truncated, most.sha256) == (
        299_999,
        True,
        hashlib.sha256(body[:-1]).hexdigest(),
    )


def test_a_gzip_bomb_stays_folded(allowed):
    bomb = gzip.compress(b"\0" * 20_000_000)
    allowed.ways["/"] = saying(bomb, content_encoding="gzip")

    answer = fetch(allowed.url("/"))

    assert (answer.body, answer.truncated) == (bomb, False)


def test_chunks_are_put_together(allowed):
    def chunked(handler: BaseHTTPRequestHandler) -> None:
        handler.wfile.write(b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n")
        handler.wfile.write(b"3\r\nabc\r\n2\r\nde\r\n0\r\n\r\n")

    allowed.ways["/"] = chunked

    assert fetch(allowed.url("/")).body == b"abcde"


BREAKING = [
    b"",
    b"not http at all\r\n\r\n",
    b"HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\nshort",
    b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n" + b"f" * 200_000,
    b"HTTP/1.1 200 OK\r\nX: " + b"y" * 200_000,
    b"HTTP/1.1 200 OK\r\n" + b"X: y\r\n" * 1000 + b"\r\n",
]


@pytest.mark.parametrize("answer", BREAKING, ids=range(len(BREAKING)))
def test_what_is_no_whole_answer_is_said_so(allowed, answer):
    allowed.ways["/"] = lambda handler: handler.wfile.write(answer) and None

    refused = reason_of(allowed.url("/"))

    assert (str(refused), refused.is_final) == (
        "The connection broke off, or what came was no answer.",
        False,
    )


def dripping(first: bytes) -> Behaviour:
    """A byte now and then, each well before any time-out of a single read."""

    def drip(handler: BaseHTTPRequestHandler) -> None:
        handler.wfile.write(first)
        pause = Event()
        while not pause.wait(0.05):
            handler.wfile.write(b"1")

    return drip


def test_a_head_that_drips_is_cut_at_the_deadline(allowed):
    allowed.ways["/"] = dripping(b"HTTP/1.1 200 OK\r\nX-Slow: ")
    began = monotonic()

    refused = reason_of(allowed.url("/"), seconds=0.5)

    assert (refused.is_final, monotonic() - began < 10) == (False, True)


@pytest.mark.parametrize(
    "head", [b"HTTP/1.1 200 OK\r\n\r\n", b"HTTP/1.1 200 OK\r\nContent-Length: 9000\r\n\r\n"]
)
def test_a_body_that_drips_is_an_answer_cut_short(allowed, head):
    allowed.ways["/"] = dripping(head)
    began = monotonic()

    answer = fetch(allowed.url("/"), seconds=0.5)

    assert (answer.status, answer.truncated, set(answer.body)) == (200, True, set(b"1"))
    assert monotonic() - began < 10


def test_a_receiver_that_says_nothing_is_left(allowed):
    silent = Event()
    allowed.ways["/"] = lambda handler: silent.wait(30) and None

    refused = reason_of(allowed.url("/"), seconds=0.3)
    silent.set()

    assert refused.is_final is False


def test_redirects_share_one_deadline(allowed):
    allowed.ways["/0"] = in_turn(leading("/1"))
    allowed.ways["/1"] = dripping(b"HTTP/1.1 200 OK\r\n")
    began = monotonic()

    reason_of(allowed.url("/0"), redirects=3, seconds=0.5)

    assert monotonic() - began < 10


# --- Certificates ---------------------------------------------------------------------------------


@pytest.fixture
def sealed(tmp_path, monkeypatch, settings) -> Iterator[Receiver]:
    """A server with a certificate for files.example, whose maker is trusted."""
    files = certificate(tmp_path, "files.example")
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(files)
    monkeypatch.setenv("SSL_CERT_FILE", files)
    with receiver(tls=context) as running:
        names = ("files.example", "other.example", "127.0.0.1")
        settings.EGRESS_ALLOWED_HOSTS = [f"{name}:{running.port}" for name in names]
        yield running


def certificate(folder, name: str) -> str:
    key = ec.generate_private_key(ec.SECP256R1())
    subject = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, name)])
    today = datetime.now(UTC)
    made = (
        x509.CertificateBuilder(subject, subject, key.public_key(), x509.random_serial_number())
        .not_valid_before(today - timedelta(days=1))
        .not_valid_after(today + timedelta(days=1))
        .add_extension(x509.SubjectAlternativeName([x509.DNSName(name)]), critical=False)
        .add_extension(x509.BasicConstraints(ca=True, path_length=None), critical=True)
        .sign(key, hashes.SHA256())
    )
    path = folder / "certificate.pem"
    form = serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    path.write_bytes(
        key.private_bytes(serialization.Encoding.PEM, *form) + made.public_bytes(serialization.Encoding.PEM)
    )
    return str(path)


def loopback(host: str, port: int) -> list[str]:
    return ["127.0.0.1"]


def test_the_checked_address_is_called_under_the_original_name(sealed):
    sealed.ways["/"] = saying(b"sealed")

    answer = fetch(f"https://files.example:{sealed.port}/", resolve=loopback)

    assert answer.body == b"sealed"
    assert sealed.requests[0].headers["host"] == f"files.example:{sealed.port}"


@pytest.mark.parametrize("host", ["other.example", "127.0.0.1"])
def test_a_certificate_for_another_name_is_no_good(sealed, host):
    refused = reason_of(f"https://{host}:{sealed.port}/", resolve=loopback)

    assert (str(refused), refused.is_final) == ("Its certificate is not valid for this name.", False)
    assert sealed.requests == []


def test_a_certificate_that_nobody_vouches_for_is_no_good(sealed, monkeypatch):
    monkeypatch.delenv("SSL_CERT_FILE")

    refused = reason_of(f"https://files.example:{sealed.port}/", resolve=loopback)

    assert str(refused) == "Its certificate is not valid for this name."


def test_a_handshake_that_never_ends_is_cut(settings):
    with socket.create_server(("127.0.0.1", 0)) as silent:
        place = f"127.0.0.1:{silent.getsockname()[1]}"
        settings.EGRESS_ALLOWED_HOSTS = [place]

        refused = reason_of(f"https://{place}/", seconds=0.3)

    assert refused.is_final is False


def test_a_dead_address_leaves_time_for_the_next(allowed):
    allowed.ways["/"] = saying(b"second")

    answer = fetch(allowed.url("/"), resolve=lambda host, port: ["::1", "127.0.0.1"])

    assert answer.body == b"second"
