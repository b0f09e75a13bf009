"""`make bench`: all benchmarks, or those named in ARGS. SIZE sets the rows of the sweeps."""

import importlib
import logging
import sys
from pathlib import Path

from benchmarks import database
from benchmarks.common import Report

HERE = Path(__file__).parent
HELPERS = {
    *("__init__", "__main__", "bare", "common", "database", "engagements", "floor", "load", "population"),
    *("press", "server"),
}


def main() -> None:
    known = sorted({path.stem for path in HERE.glob("*.py")} - HELPERS)
    chosen = sys.argv[1:] or known
    if unknown := set(chosen) - set(known):
        raise SystemExit(f"No benchmark is called {', '.join(unknown)}. There are: {', '.join(known)}.")
    database.set_up()
    logging.disable(logging.INFO)  # a line for each request would bury the figures
    report = Report()
    for name in chosen:
        importlib.import_module(f"benchmarks.{name}").run(report)
    report.memory()
    report.table()


if __name__ == "__main__":
    main()
