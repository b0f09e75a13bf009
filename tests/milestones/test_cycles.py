import itertools

from hypothesis import given
from hypothesis import strategies as st

from milestones.cycles import cycle_through

nodes = st.integers(0, 7)
graphs = st.dictionaries(nodes, st.lists(nodes, max_size=3), max_size=8)


def test_a_chain_has_no_cycle():
    assert cycle_through(1, {1: [2], 2: [3]}) == []


def test_a_cycle_is_named_from_end_to_end():
    assert cycle_through(1, {1: [2], 2: [3], 3: [1]}) == [1, 2, 3, 1]


def test_a_milestone_that_needs_itself_is_a_cycle():
    assert cycle_through(1, {1: [1]}) == [1, 1]


def test_a_chain_of_a_hundred_thousand_is_followed():
    chain = {n: [n + 1] for n in range(100_000)}

    assert cycle_through(0, chain) == []


@given(start=nodes, needs=graphs)
def test_a_named_cycle_follows_the_stated_needs(start, needs):
    cycle = cycle_through(start, needs)

    assert all(after in needs[before] for before, after in itertools.pairwise(cycle))
    assert cycle == [] or (cycle[0] == cycle[-1] == start and len(cycle) > 1)


@given(start=nodes, needs=graphs)
def test_no_cycle_is_missed(start, needs):
    reachable, waiting = set(), list(needs.get(start, []))
    while waiting:
        node = waiting.pop()
        if node not in reachable:
            reachable.add(node)
            waiting += needs.get(node, [])

    assert bool(cycle_through(start, needs)) == (start in reachable)
