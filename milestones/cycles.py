"""Dependencies must not run in a circle."""

from collections.abc import Hashable, Mapping, Sequence
from typing import TypeVar

N = TypeVar("N", bound=Hashable)


def cycle_through(start: N, needs: Mapping[N, Sequence[N]]) -> list[N]:
    """The way from `start` over what it needs back to itself, ends included; empty when there is none.

    `needs` maps each node to the nodes it waits for. Iterative: a chain may be as long as it likes.
    """
    came_from: dict[N, N] = {}
    waiting = [start]
    while waiting:
        node = waiting.pop()
        for other in needs.get(node, ()):
            if other == start:
                return [*_way_back(node, start, came_from), start]
            if other not in came_from:
                came_from[other] = node
                waiting.append(other)
    return []


def _way_back(node: N, start: N, came_from: Mapping[N, N]) -> list[N]:
    way = [node]
    while way[-1] != start:
        way.append(came_from[way[-1]])
    return way[::-1]
