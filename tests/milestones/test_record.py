import pytest
from jsonschema import Draft202012Validator

from milestones import record
from tests.factories import RECORD


def test_a_complete_record_has_no_faults():
    assert record.faults(RECORD) == {}


def test_the_contract_has_twenty_fields_and_four_beside_them():
    served = record.SERVED["properties"]

    assert len(record.SERVED["required"]) == 20
    assert len(served) == 24


@pytest.mark.parametrize("schema", [record.INPUT, record.SERVED])
def test_the_schemas_are_schemas(schema):
    assert Draft202012Validator.check_schema(schema) is None


@pytest.mark.parametrize("name", record.REQUIRED)
def test_each_missing_field_is_named(name):
    without = {field: value for field, value in RECORD.items() if field != name}

    assert record.faults(without) == {name: ["This field is missing."]}


@pytest.mark.parametrize("name", record.SYSTEM_OWNED)
def test_what_the_system_owns_is_refused_by_name(name):
    assert record.faults({**RECORD, name: 12}) == {
        name: ["The system owns this field: leave it out or empty."]
    }


@pytest.mark.parametrize("name", record.SYSTEM_OWNED)
@pytest.mark.parametrize("empty", [None, ""])
def test_what_the_system_owns_may_be_there_empty(name, empty):
    assert record.faults({**RECORD, name: empty}) == {}


@pytest.mark.parametrize(
    ("change", "place"),
    [
        ({"acceptance_criteria": []}, "acceptance_criteria"),
        ({"acceptance_criteria": [7]}, "acceptance_criteria.0"),
        ({"quality_threshold": 101}, "quality_threshold"),
        ({"quality_threshold": -1}, "quality_threshold"),
        ({"quality_threshold": 80.5}, "quality_threshold"),
        ({"quality_threshold": True}, "quality_threshold"),
        ({"first_milestone_name": "x" * 81}, "first_milestone_name"),
        ({"kickoff_completed_at": "2026-03-02"}, "kickoff_completed_at"),
        ({"first_milestone_due_at": "tomorrow"}, "first_milestone_due_at"),
        ({"owner_primary": "Ada"}, "owner_primary"),
        ({"favourite_colour": "blue"}, "favourite_colour"),
    ],
)
def test_a_wrong_value_is_named_by_its_field(change, place):
    faults = record.faults({**RECORD, **change})

    assert list(faults) == [place]
    assert all(sentence.endswith(".") for sentence in faults[place])


@pytest.mark.parametrize("thing", [None, [], "record", 7])
def test_what_is_no_object_is_refused(thing):
    assert record.faults(thing) != {}
