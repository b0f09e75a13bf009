"""Goal 7: what people wait for. Pages of a workspace with 100 projects, with 1,000, and far down a list.

VIEWS sets how often each page is opened.
"""

import os
import re
import statistics
from collections.abc import Iterator, Mapping
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass

from benchmarks import load
from benchmarks.common import REPEATS, Report
from benchmarks.database import clone, environment_of
from benchmarks.engagements import Told, copy_engagements, tell
from benchmarks.load import Load
from benchmarks.server import Server, server

VIEWS = int(os.environ.get("VIEWS", "60"))
FEW, MANY = 100, 1000
WARMING = 10
DEEP = 15  # pages further down
MORE = re.compile(rb'href="\?([^"]*after=[^"]+)"')


@dataclass(frozen=True, slots=True)
class Place:
    """A workspace with its server, and what a signed-in person opens there."""

    server: Server
    told: Told

    def request(self, path: str) -> bytes:
        return load.get(path, self.told.signed_in)

    def opened(self, path: str, *, times: int = VIEWS, connections: int = 1) -> Load:
        took = load.run(self.server.port, [self.request(path)] * times, connections=connections)
        assert not took.refused, took.refused[0][:500]
        return took

    @property
    def paths(self) -> Mapping[str, str]:
        root = f"/w/{self.told.workspace.slug}/"
        milestone = f"{root}milestones/{self.told.milestone_id}/"
        return {
            "Today": root,
            "Projects": f"{root}projects/",
            "Milestone": milestone,
            "Portal": self.told.portal,
        }


def run(report: Report) -> None:
    report.title("Pages")
    with ExitStack() as stack:
        few = stack.enter_context(_place(FEW))
        many = stack.enter_context(_place(MANY))
        for name in ("Today", "Projects"):
            _size(report, name, few, many)
        _depth(report, many)
        for name in ("Milestone", "Portal"):
            times = few.opened(few.paths[name])
            report.note(f"{name}, 1 connection", f"p95 {1000 * times.percentile(0.95):.1f} ms")


@contextmanager
def _place(projects: int) -> Iterator[Place]:
    with clone(f"bench_pages_{projects}") as name:
        told = tell()
        copy_engagements(name, projects=projects)
        environment = {**os.environ, **environment_of(name)}
        with server(environment, "config.wsgi:application") as running:
            place = Place(running, told)
            for path in place.paths.values():
                place.opened(path, times=WARMING)
            yield place


def _size(report: Report, name: str, few: Place, many: Place) -> None:
    """One page in both workspaces in turn."""
    pairs = [(few.opened(few.paths[name]), many.opened(many.paths[name])) for _ in range(REPEATS)]
    tail = statistics.median(small.percentile(0.95) for small, _ in pairs)
    report.goal(7, f"{name} of {FEW} projects, p95 ms", 1000 * tail, at_most=20)
    ratio = _typical(large for _, large in pairs) / _typical(small for small, _ in pairs)
    report.goal(7, f"{name} of {MANY:,} projects ÷ of {FEW}", ratio, at_most=1.3)
    busy = few.opened(few.paths[name], connections=16)
    report.note(f"{name} of {FEW} projects, 16 connections", f"{busy.rate:.0f}/s")


def _depth(report: Report, place: Place) -> None:
    """The first page of a list and one far down, in turn."""
    first = place.paths["Projects"]
    deep = first
    for _ in range(DEEP):
        deep = f"{first}?{_next(place, deep)}"
    pairs = [(place.opened(first), place.opened(deep)) for _ in range(REPEATS)]
    ratio = _typical(low for _, low in pairs) / _typical(top for top, _ in pairs)
    report.goal(7, f"Projects, page {DEEP + 1} ÷ first page", ratio, at_most=1.3)


def _next(place: Place, path: str) -> str:
    answer = load.one(place.server.port, place.request(path))
    found = MORE.search(answer)
    assert found, "The list ends sooner than it should."
    return found[1].decode().replace("&amp;", "&")


def _typical(loads: Iterator[Load]) -> float:
    return statistics.median(took.percentile(0.5) for took in loads)
