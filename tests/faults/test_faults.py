"""What is killed, flushed or stopped loses nothing and doubles nothing, counted from outside."""

import json
import threading
from collections import Counter, defaultdict
from collections.abc import Callable, Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime
from http.server import BaseHTTPRequestHandler

import pytest
import redis
import urllib3

from config.embedded.machine import PATIENCE, until
from tests.faults.installation import Installation, Tool
from tests.journal.post import Office
from tests.processes import Web
from tests.receiver import Receiver, in_turn, saying

pytestmark = [pytest.mark.faults, pytest.mark.slow]

ITEMS = "SELECT external_id, state FROM milestones_workitem WHERE external_id LIKE '{}-%'"
MAILS = "SELECT address, state, possibly_twice FROM journal_delivery WHERE address LIKE '{}-%'"
HOOKS = "SELECT state, possibly_twice FROM journal_delivery WHERE channel = 'webhook'"
BURST = 60


def post(web: Web, tool: Tool, item: str) -> int:
    """One delivery that makes an item done; the status that the tool saw, 0 when nobody answered."""
    now = datetime.now(UTC)
    posted = tool.sender.says(now, external_id=item, state="done")
    try:
        return web.ask("POST", tool.path, body=posted.body, headers=posted.headers).status
    except urllib3.exceptions.HTTPError:
        return 0


def burst(web: Web, tool: Tool, name: str, trouble: Mapping[int, Callable[[], object]]) -> dict[str, int]:
    """Posts BURST deliveries by four at a time; before some of them something breaks. {item: status}."""

    def one(number: int) -> tuple[str, int]:
        trouble.get(number, lambda: None)()
        return f"{name}-{number}", post(web, tool, f"{name}-{number}")

    with ThreadPoolExecutor(4) as senders:
        return dict(senders.map(one, range(BURST)))


def outage(
    stop: Callable[[], object], start: Callable[[], object]
) -> tuple[Callable[[], object], Callable[[], object]]:
    """Both ends of an outage. A start amid the stop would find all well: senders run side by side."""
    is_down = threading.Event()

    def ends() -> None:
        is_down.wait(PATIENCE)
        start()

    def begins() -> None:
        stop()
        is_down.set()

    return begins, ends


def accepted(statuses: dict[str, int]) -> list[tuple[str, str]]:
    return sorted((item, "done") for item, status in statuses.items() if status == 200)


def items(place: Installation, name: str) -> list[tuple[str, str]]:
    return sorted(place.rows(ITEMS.format(name)))


def is_ready(web: Web) -> bool:
    return web.ask("GET", "/readyz").status == 200


def answers_of_an_outage(web: Web, tool: Tool) -> Iterator[tuple[str, int]]:
    yield "healthz", web.ask("GET", "/healthz").status
    yield "readyz", web.ask("GET", "/readyz").status
    yield "page", web.ask("GET", "/account/login/").status
    yield "hook", post(web, tool, "refused-0")


def are_sent(place: Installation, name: str) -> bool:
    return {state for _, state, _ in place.rows(MAILS.format(name))} == {"sent"}


def test_a_worker_killed_while_a_mail_leaves_loses_none(
    place: Installation, tool: Tool, mails: Office, request: pytest.FixtureRequest
):
    leaving, go_on = threading.Event(), threading.Event()

    def hold() -> None:
        leaving.set()
        go_on.wait(20)

    mails.before_answer = hold
    place.scene("invite", "killed", "3")

    with place.jobs() as worker:
        assert leaving.wait(60)
        worker.kill()
        go_on.set()
    mails.before_answer = lambda: None
    place.let_leases_end()
    request.getfixturevalue("jobs")
    until(lambda: are_sent(place, "killed"), "Not all sent")

    assert len(set(mails.ids())) == 3
    assert sorted(Counter(mails.ids()).values()) == [1, 1, 2]
    assert [twice for _, _, twice in place.rows(MAILS.format("killed"))].count(True) == 1


def test_a_worker_killed_while_webhooks_leave_loses_none_and_keeps_their_order(
    place: Installation, tool: Tool, ears: Receiver, request: pytest.FixtureRequest
):
    leaving, go_on, took = threading.Event(), threading.Event(), saying(b"")

    def hold(handler: BaseHTTPRequestHandler) -> None:
        leaving.set()
        go_on.wait(20)
        took(handler)

    ears.ways["/hook"] = in_turn(took, took, took, hold, took)
    place.scene("listen", ears.url("/hook"), "24")

    with place.jobs("telling") as worker:
        assert leaving.wait(60)
        worker.kill()
        go_on.set()
    place.let_leases_end()
    request.getfixturevalue("jobs")
    until(lambda: {state for state, _ in place.rows(HOOKS)} == {"sent"}, "Not all told")

    told = {heard.headers["webhook-id"]: json.loads(heard.body) for heard in ears.requests}
    again = Counter(heard.headers["webhook-id"] for heard in ears.requests)
    stories: dict[str, list[int]] = defaultdict(list)
    for event in told.values():
        stories[event["thread_id"]].append(event["data"]["n"])
    assert sorted(stories.values()) == [list(range(first, 24, 3)) for first in range(3)]
    assert sorted(again.values()) == [1] * 23 + [2]
    assert [twice for _, twice in place.rows(HOOKS)].count(True) == 1


@pytest.mark.usefixtures("jobs")
def test_a_flushed_and_restarted_redis_costs_no_delivery(place: Installation, tool: Tool, web: Web):
    def flush() -> None:
        with redis.Redis.from_url(place.valkey.url) as client:
            client.flushall()

    until(lambda: is_ready(web), "The installation did not become ready")
    stop, start = outage(place.valkey.stop, place.valkey.start)
    trouble = {20: flush, 40: stop, 50: start}
    statuses = burst(web, tool, "flushed", trouble)
    until(lambda: items(place, "flushed") == accepted(statuses), "Not all became items")
    until(lambda: is_ready(web), "The installation did not recover")

    assert set(statuses.values()) == {200}


@pytest.mark.usefixtures("jobs")
def test_a_crashed_database_keeps_what_was_accepted(place: Installation, tool: Tool, web: Web):
    until(lambda: is_ready(web), "The installation did not become ready")
    crash, restart = outage(lambda: place.postgres.stop("immediate"), place.postgres.start)
    statuses = burst(web, tool, "crashed", {20: crash, 30: restart})
    until(lambda: post(web, tool, "after-0") == 200, "The hook did not recover")
    place.let_leases_end()
    # What was stored just before the crash may have lost its answer: then there is more than was accepted.
    until(lambda: set(items(place, "crashed")) >= set(accepted(statuses)), "Not all became items")

    place.postgres.stop("immediate")
    refusals = dict(answers_of_an_outage(web, tool))
    place.postgres.start()
    until(lambda: is_ready(web), "The installation did not recover")

    assert set(statuses.values()) <= {200, 503}
    assert len(set(items(place, "crashed"))) == len(items(place, "crashed"))
    assert refusals == {"healthz": 200, "readyz": 503, "page": 200, "hook": 503}


@pytest.mark.usefixtures("jobs")
def test_two_beats_and_two_workers_do_everything_once(
    place: Installation, tool: Tool, web: Web, mails: Office
):
    place.scene("invite", "twice", "20")

    with place.jobs("two"):
        statuses = burst(web, tool, "twice", {})
        until(lambda: items(place, "twice") == accepted(statuses), "Not all became items")
        until(lambda: are_sent(place, "twice"), "Not all sent")

    assert set(statuses.values()) == {200}
    assert len(mails.ids()) == len(set(mails.ids())) == 20
