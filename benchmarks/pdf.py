"""Of goal 11 the PDFs: a packet's beside bare WeasyPrint of its HTML, and the hooks while one is made.

PDFS sets how many packets of 200 items are made.
"""

import json
import math
import os
import re
import statistics
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Final

from benchmarks import load
from benchmarks.common import REPEATS, Report, timed
from benchmarks.database import clone, environment_of
from benchmarks.hooks import connected, posts
from benchmarks.server import server

if TYPE_CHECKING:
    from proofs.content import ProofContent

PDFS = int(os.environ.get("PDFS", "12"))
HOOKS: Final = 400
ITEMS: Final = 200


def run(report: Report) -> None:
    from proofs.rendering.paper import order_of
    from tests.proofs import contents

    report.title("PDFs of packets")
    usual = contents.proof()
    many = [contents.artifact(f"Artifact {number} of the delivery") for number in range(ITEMS)]
    large = contents.proof(artifacts=many)
    for name, content in (("usual packet", usual), (f"packet of {ITEMS} artifacts", large)):
        _compare(report, name, json.dumps(order_of(content, "a4", pictures={})).encode())
    _last(report, large)
    _beside_hooks(report)


def _last(report: Report, content: "ProofContent") -> None:
    """How long the slowest take, by the clock and by the processor, which other work does not slow down."""
    from proofs.rendering.paper import order_of, pages_of, pdf_of

    times = sorted(timed(lambda: pdf_of(content, "a4")) for _ in range(PDFS))
    order = json.dumps(order_of(content, "a4", pictures={})).encode()
    worked = sorted(_made("proofs.rendering.child", order)[0] for _ in range(REPEATS))
    last = math.ceil(0.95 * PDFS) - 1
    report.note(f"{PDFS} packets of {ITEMS} artifacts, {pages_of(pdf_of(content, 'a4'))} pages each", "")
    report.note("their processor's time", f"{worked[REPEATS // 2]:6.2f} s")
    report.goal(11, f"PDF of {ITEMS} items, p95", times[last], at_most=5, unit=" s")


def _compare(report: Report, name: str, order: bytes) -> None:
    """Product and floor in turns, and the ratios of their medians."""
    ways = {"benchmarks.press": [], "proofs.rendering.child": []}  # type: dict[str, list[tuple[float, float]]]
    for _ in range(REPEATS):
        for module, runs in ways.items():
            runs.append(_made(module, order))
    bare, ours = (list(map(statistics.median, zip(*runs, strict=True))) for runs in ways.values())
    report.note(f"bare WeasyPrint, {name}", f"{bare[0]:6.2f} s   {bare[1]:.0f} MB")
    report.note(f"PDF, {name}", f"{ours[0]:6.2f} s   {ours[1]:.0f} MB")
    report.goal(11, f"PDF ÷ bare WeasyPrint, time, {name}", ours[0] / bare[0], at_most=1.3)
    report.goal(11, f"PDF ÷ bare WeasyPrint, memory, {name}", ours[1] / bare[1], at_most=1.3)


def _made(module: str, order: bytes) -> tuple[float, float]:
    """Processor's seconds and highest memory (MB) of one process that makes the PDF."""
    from proofs.rendering.process import surroundings

    with tempfile.TemporaryFile() as given, tempfile.TemporaryDirectory() as place:
        given.write(order)
        given.seek(0)
        command = [sys.executable, "-m", module]
        made = subprocess.Popen(command, stdin=given, stdout=subprocess.DEVNULL, env=surroundings(place))
        highest = _highest(made.pid)
        _, status, used = os.wait4(made.pid, 0)
        made.returncode = status
    assert status == 0, f"{module} ended with {status}"
    return used.ru_utime + used.ru_stime, highest


def _highest(pid: int) -> float:
    """The memory (MB) of a process at its highest, read until it ends; rusage counts its parent too."""
    highest, status = 0, Path(f"/proc/{pid}/status")
    while found := re.search(r"VmHWM:\s+(\d+)", status.read_text()):
        highest = int(found[1])
        time.sleep(0.005)
    return highest / 1024


def _beside_hooks(report: Report) -> None:
    """The same deliveries on an idle machine and while packets are made one after the other."""
    tails: dict[str, list[float]] = {"idle": [], "making": []}
    with clone("bench_pdf") as name:
        connection, secret = connected()
        with server({**os.environ, **environment_of(name)}, "config.wsgi:application") as ours:
            load.run(ours.port, posts(connection, secret, 50), connections=1)
            for _ in range(REPEATS):
                tails["idle"].append(_tail(ours.port, posts(connection, secret, HOOKS)))
                with _making():
                    tails["making"].append(_tail(ours.port, posts(connection, secret, HOOKS)))
    idle, making = (statistics.median(tails[when]) * 1000 for when in ("idle", "making"))
    report.note("hook p95, idle and while a PDF is made", f"{idle:6.1f} ms   {making:.1f} ms")
    report.goal(11, "hook p95 while a PDF is made ÷ idle", making / idle, at_most=2)


def _tail(port: int, requests: list[bytes]) -> float:
    took = load.run(port, requests, connections=1)
    assert not took.refused, took.refused[0][:500]
    return took.percentile(0.95)


@contextmanager
def _making() -> Iterator[None]:
    """Packets are made one after the other until the block ends."""
    from proofs.rendering.paper import pdf_of
    from tests.proofs import contents

    over = threading.Event()

    def make() -> None:
        while not over.is_set():
            pdf_of(contents.proof(), "a4")

    maker = threading.Thread(target=make)
    maker.start()
    time.sleep(0.5)  # the child has begun
    try:
        yield
    finally:
        over.set()
        maker.join()
