"""No test reaches the network: a socket connects to this machine or not at all."""

import socket
from collections.abc import Iterator
from ipaddress import ip_address
from typing import Any

import pytest


class OutsideWorld(Exception):
    """A test tried to leave this machine."""


def _check(connection: socket.socket, address: Any) -> None:
    if connection.family == socket.AF_UNIX:
        return
    host = str(address[0])
    if host != "localhost" and not ip_address(host).is_loopback:
        raise OutsideWorld(f"A test tried to reach {host}; use a receiver on loopback.")


@pytest.fixture(scope="session", autouse=True)
def no_outside_world() -> Iterator[None]:
    connect, connect_ex = socket.socket.connect, socket.socket.connect_ex

    def checked(self: socket.socket, address: Any) -> None:
        _check(self, address)
        connect(self, address)

    def checked_ex(self: socket.socket, address: Any) -> int:
        _check(self, address)
        return connect_ex(self, address)

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(socket.socket, "connect", checked)
        patch.setattr(socket.socket, "connect_ex", checked_ex)
        yield
