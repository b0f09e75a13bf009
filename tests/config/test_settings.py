"""Settings whose default would open a door."""

import pytest
from django.core.cache import cache
from django.core.exceptions import ImproperlyConfigured

from config import env

pytestmark = pytest.mark.slow
DJANGO_KEEPS = 300


def test_many_visitors_do_not_make_the_limits_forget_one(db):
    cache.set("a-guesser", 5)

    for number in range(DJANGO_KEEPS + 2):
        cache.set(f"visitor-{number}", 1)

    assert cache.get("a-guesser") == 5


def test_places_that_may_be_called_are_exact_hosts_and_ports(monkeypatch):
    monkeypatch.setenv("EGRESS_ALLOWED_HOSTS", "Hooks.Inside:8080, [::1]:9000")

    assert env.read().egress_allowed_hosts == ["hooks.inside:8080", "[::1]:9000"]


@pytest.mark.parametrize("place", ["hooks.inside", "hooks.inside:", ":8080", "hooks.inside:http"])
def test_a_place_without_host_or_port_stops_the_start_with_a_hint(monkeypatch, place):
    monkeypatch.setenv("EGRESS_ALLOWED_HOSTS", place)

    with pytest.raises(ImproperlyConfigured, match="each entry must be host:port"):
        env.read()


def test_a_scan_command_is_split_into_words_once(monkeypatch):
    monkeypatch.setenv("SCAN_COMMAND", "clamdscan --config '/etc/my clam.conf'")

    assert env.read().scan_command == ["clamdscan", "--config", "/etc/my clam.conf"]


def test_a_scan_command_with_an_open_quote_stops_the_start(monkeypatch):
    monkeypatch.setenv("SCAN_COMMAND", "clamdscan '")

    with pytest.raises(ImproperlyConfigured, match="SCAN_COMMAND is no command"):
        env.read()
