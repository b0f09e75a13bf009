"""The name under an answer, in every way that its owner may write it, and in none of somebody else's."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from milestones.signing import matches


@pytest.mark.parametrize(
    ("typed", "name"),
    [
        ("Dan Decider", "Dan Decider"),
        ("  dan   DECIDER ", "Dan Decider"),
        ("Decider, Dan", "Dan Decider"),
        ("D. Decider", "Dan Decider"),
        ("Daniel Decider", "Dan Decider"),
        ("Dan Decider", "Daniel Decider"),
        ("Dan M. Decider", "Dan Decider"),
        ("D. Decider", "Decider, Dan"),
        ("D. Decider", "Dan Decider, Jr."),
        ("Dr", "Dr"),
        ("Dan Decider", "Dan Michael Decider"),
        ("Dr. Dan Decider", "Dan Decider"),
        ("Soren Falk", "Søren Falk"),
        ("Soeren Falk", "Søren Falk"),
        ("Jurgen Grosse", "Jürgen Große"),
        ("Juergen Grosse", "Jürgen Große"),
        ("Jürgen Große", "Juergen Grosse"),
        ("Lukasz Zolc", "Łukasz Żółć"),
        ("Zoe O'Neil", "Zoë O’Neil"),
        ("Zoe ONeil", "Zoë O’Neil"),
        ("Jean Luc Martin", "Jean-Luc Martin"),
        ("Cher", "Cher"),
        ("山田太郎", "山田 太郎"),
        ("Ｄａｎ Ｄｅｃｉｄｅｒ", "Dan Decider"),
        ("Anybody", "dan@client.example"),
    ],
)
def test_ways_to_write_ones_own_name(typed, name):
    assert matches(typed, name)


@pytest.mark.parametrize(
    ("typed", "name"),
    [
        ("Dan", "Dan Decider"),
        ("Decider", "Dan Decider"),
        ("D. D.", "Dan Decider"),
        ("Carla Client", "Dan Decider"),
        ("Dan Client", "Dan Decider"),
        ("Carla Decider", "Dan Decider"),
        ("Da Decider", "Dan Decider"),
        ("yes", "Dan Decider"),
        ("", "Dan Decider"),
        ("...", "Dan Decider"),
        ("Dr.", "Dan Decider"),
        ("Cher", "Dan Cher"),
        ("Ann Brown", "Ann Brownlee"),
        ("Ann Brownlee", "Ann Brown"),
        ("A. Brown", "Ann Brownlee"),
        ("Helen K", "Helen Kestrel"),
        ("K. Helen", "Helen Kestrel"),
        ("H. Kes", "Helen Kestrel"),
        ("Helen K", "Kestrel, Helen"),
        ("Dan M.", "Dan Michael Decider"),
        ("Anybody", "Dr"),
        ("Anybody At All", "Prof. Dr."),
    ],
)
def test_what_is_somebody_elses(typed, name):
    assert not matches(typed, name)


LETTERS = st.characters(min_codepoint=0x61, max_codepoint=0x17F, categories=["Ll"])
NAMES = st.lists(st.text(LETTERS, min_size=2, max_size=9), min_size=2, max_size=4)


@given(NAMES, st.randoms())
def test_the_order_and_the_case_do_not_matter(words, chance):
    shuffled = list(words)
    chance.shuffle(shuffled)

    assert matches(" ".join(shuffled), " ".join(words))
    assert matches(" ".join(words).lower(), " ".join(words))
