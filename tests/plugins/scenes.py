"""Scenes: what a test finds in the database, made once for the tests that find the same.

A scene is a fixture that writes rows and does nothing else. Those of a test are made before it, one on the
other, each followed by a savepoint. The next test that needs the same ones finds them standing; one that
needs others begins where they part. A test gets copies of the objects, and what it writes is rolled back.
"""

import copy
import inspect
from collections.abc import Callable, Iterator
from contextlib import ExitStack, nullcontext
from dataclasses import dataclass, field
from functools import wraps
from itertools import takewhile
from typing import Any

import pytest
from django.db import connection, transaction
from pytest_django import DjangoDbBlocker
from pytest_django.plugin import blocking_manager_key

from tenancy.door import inside

Make = Callable[..., Any]
ROOTS = frozenset({"db"})


@dataclass(frozen=True, slots=True)
class Scene:
    """`is_door`: what it makes is a workspace, and all that builds on it happens inside."""

    name: str
    make: Make
    is_door: bool

    @property
    def needs(self) -> list[str]:
        return [name for name in inspect.signature(self.make).parameters if name not in ROOTS]


@dataclass
class Stage:
    """The scenes that stand, each with its savepoint, in one transaction that never commits."""

    scenes: list[Scene] = field(default_factory=list)
    savepoints: list[str] = field(default_factory=list)
    made: dict[str, Any] = field(default_factory=dict)
    copies: dict[str, Any] = field(default_factory=dict)
    ending: ExitStack = field(default_factory=ExitStack)

    @property
    def is_open(self) -> bool:
        return bool(self.savepoints)

    def show(self, scenes: list[Scene]) -> None:
        """Leaves exactly these standing, and copies of what they made for the test."""
        if connection.closed_in_transaction:  # some tests close it, on purpose or with a response
            self.strike()
        if not self.is_open:
            self._open()
        shared = len(list(takewhile(lambda pair: pair[0] == pair[1], zip(self.scenes, scenes, strict=False))))
        self._go_back(shared)
        for scene in scenes[shared:]:
            self._add(scene)
        self.copies = copy.deepcopy(self.made)

    def strike(self) -> None:
        """Ends the transaction."""
        self.ending.close()
        self.scenes, self.savepoints, self.made, self.copies = [], [], {}, {}

    def _open(self) -> None:
        outer = transaction.atomic()
        outer._from_testcase = True  # type: ignore[attr-defined]  # durable blocks may begin on it
        outer.__enter__()
        self.savepoints = [transaction.savepoint()]

        def end() -> None:
            transaction.set_rollback(True)
            outer.__exit__(None, None, None)

        self.ending.callback(end)

    def _go_back(self, count: int) -> None:
        transaction.savepoint_rollback(self.savepoints[count])
        for scene in self.scenes[count:]:
            del self.made[scene.name]
        del self.scenes[count:], self.savepoints[count + 1 :]

    def _add(self, scene: Scene) -> None:
        doors = [self.made[each.name] for each in self.scenes if each.is_door]
        with inside(doors[-1]) if doors else nullcontext():
            self.made[scene.name] = scene.make(**self._given(scene))
        self.scenes.append(scene)
        self.savepoints.append(transaction.savepoint())

    def _given(self, scene: Scene) -> dict[str, Any]:
        parameters = inspect.signature(scene.make).parameters
        return {name: None if name in ROOTS else self.made[name] for name in parameters}


STAGE = Stage()
SCENES: dict[Make, Scene] = {}


def scene(make: Make) -> Make:
    """A fixture that is a scene."""
    mine = Scene(make.__name__, make, is_door=False)

    @wraps(make)
    def stands(*args: Any, **given: Any) -> Any:
        return _standing(mine, *args, **given)

    return _fixture(mine, stands)


def door(make: Make) -> Make:
    """A scene that is a workspace; the test stands inside it."""
    mine = Scene(make.__name__, make, is_door=True)

    @wraps(make)
    def opens(*args: Any, **given: Any) -> Iterator[Any]:
        workspace = _standing(mine, *args, **given)
        with inside(workspace):
            yield workspace

    return _fixture(mine, opens)


def _standing(mine: Scene, *args: Any, **given: Any) -> Any:
    """What a test gets of a scene, which it makes itself where the scene cannot stand before it."""
    return STAGE.copies[mine.name] if mine in STAGE.scenes else mine.make(*args, **given)


def _fixture(mine: Scene, function: Make) -> Make:
    SCENES[function] = mine
    return pytest.fixture(function)


@pytest.fixture(scope="session")
def scene_stage(django_db_setup: None, django_db_blocker: DjangoDbBlocker) -> Iterator[Stage]:
    yield STAGE
    with django_db_blocker.unblock():
        STAGE.strike()


@pytest.fixture(autouse=True)
def scenery(request: pytest.FixtureRequest, django_db_blocker: DjangoDbBlocker) -> None:
    """Comes before the transaction of the test."""
    if scenes := _scenes_of(request.node):
        stage = request.getfixturevalue("scene_stage")
        with django_db_blocker.unblock():
            stage.show(scenes)


@pytest.hookimpl(tryfirst=True)
def pytest_runtest_setup(item: pytest.Function) -> None:
    """Before any fixture: some tests begin their transaction at once, others have a database of their own."""
    if STAGE.is_open and not _scenes_of(item):
        with item.config.stash[blocking_manager_key].unblock():
            STAGE.strike()


def _scenes_of(node: pytest.Function) -> list[Scene]:
    """In the order to make them; none where the test sees to the database itself."""
    if "fresh_database" in node.fixturenames or node.get_closest_marker("django_db"):
        return []
    found: dict[str, Scene] = {}
    for name in node.fixturenames:
        _collect(name, node._fixtureinfo.name2fixturedefs, found)
    return list(found.values())


def _collect(name: str, known: dict[str, Any], found: dict[str, Scene]) -> bool:
    """Whether a fixture is a scene that stands on nothing but scenes; such ones are found."""
    if name in found:
        return True
    here = SCENES.get(known[name][-1].func) if name in known else None
    if here is None or name in here.needs:
        return False
    if all(_collect(need, known, found) for need in here.needs):
        found[name] = here
    return name in found
