"""The words of the e-mail that brings a packet."""

import pytest

from proofs import delivery_letters as letters
from tenancy.refusal import Refused

VALUES = {name: f"<{name}>" for name in letters.PLACEHOLDERS if name != letters.LINK}


def test_the_shipped_words_are_known_and_name_the_address():
    letters.check_words(letters.SUBJECT, letters.BODY)

    said = letters.body(letters.BODY, VALUES, after=letters.QUESTION)
    assert set(letters.PLACEHOLDER.findall(said)) == {"packet", "confidence"}
    assert letters.subject(letters.SUBJECT, VALUES) == "<milestone>: what was delivered, and the proof"


def test_an_unknown_placeholder_is_refused_by_its_name():
    with pytest.raises(Refused) as refused:
        letters.check_words("{client}", "{clinet} and {}")

    assert refused.value.code == "unknown_placeholder"
    assert [said.partition(" is")[0] for said in refused.value.fields["body"]] == ["{clinet}", "{}"]
    assert "subject" not in refused.value.fields


@pytest.mark.parametrize("body", ["Hello {contact", "Hello contact}", "{contact\n}", "{{contact}}"])
def test_a_brace_that_stands_alone_is_refused(body):
    with pytest.raises(Refused) as refused:
        letters.check_words("x", body)

    assert "stands alone" in refused.value.fields["body"][-1]


def test_an_address_does_not_belong_into_a_subject():
    with pytest.raises(Refused) as refused:
        letters.check_words("See {packet}", "x")

    assert list(refused.value.fields) == ["subject"]


def test_a_text_takes_a_bounded_number_of_placeholders():
    letters.check_words("x", "{client}" * letters.MOST)

    with pytest.raises(Refused):
        letters.check_words("x", "{client}" * (letters.MOST + 1))


def test_what_is_filled_in_is_not_looked_at_again():
    said = letters.body("{client} {project}", {"client": "{project}", "project": "P"}, after="")

    assert said == "{project} P"


def test_only_the_words_themselves_stand_for_addresses():
    said = letters.body("{milestone}: {packet}", {"milestone": "{packet} {confidence} {x}"}, after="")

    assert said == "(packet) (confidence) {x}: {packet}"
    assert letters.corrected(2, "See {packet}") == "This is version 2. What was corrected: See (packet)"


def test_braces_without_a_name_between_them_are_text():
    assert letters.body("a } b {\nc {", {}, after="") == "a } b {\nc {"


def test_a_correction_says_so_first():
    assert letters.subject("{client}", {"client": "N"}, is_correction=True) == "Corrected: N"


def test_a_long_subject_is_cut():
    assert len(letters.subject("{client}" * 4, {"client": "n" * 90})) == letters.TITLE_LIMIT
