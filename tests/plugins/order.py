"""Which worker runs which tests, and when.

What shares a costly installation stays on one worker and starts first, because it mostly waits; then come
the slow tests, and the quick ones fill the gaps. pytest-xdist's `xdist_group` would write the group into the
test's id, where pytest 9.2 no longer looks for it (pytest-xdist #1386): groups are scattered without a word.
"""

from typing import Any

import pytest

TOGETHER = ("tests/browser/", "tests/faults/")


@pytest.hookimpl(optionalhook=True)
def pytest_xdist_make_scheduler(config: pytest.Config, log: Any) -> Any:
    from xdist.scheduler import LoadScopeScheduling  # type: ignore[import-untyped]

    class Scheduling(LoadScopeScheduling):  # type: ignore[misc]
        def _split_scope(self, nodeid: str) -> str:
            return next((folder for folder in TOGETHER if nodeid.startswith(folder)), nodeid)

    return Scheduling(config, log)


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    items.sort(key=lambda item: item.get_closest_marker("slow") is None)
