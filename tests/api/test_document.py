"""The OpenAPI document keeps its word: whatever it allows is sent, and every answer is one it names."""

import json
from typing import Any

import jsonschema
import pytest
import schemathesis
from django.core.cache import caches
from django.core.wsgi import get_wsgi_application
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st
from schemathesis.checks import not_a_server_error
from schemathesis.specs.openapi.checks import (
    content_type_conformance,
    response_schema_conformance,
    status_code_conformance,
)

from api.urls import urlpatterns
from milestones import record
from tests.api.everything import KEYS, document, one_of_everything, operations

CHECKS = [
    not_a_server_error,
    status_code_conformance,
    content_type_conformance,
    response_schema_conformance,
]
EXAMPLES = 5
QUICK = settings(
    max_examples=EXAMPLES,
    derandomize=True,
    database=None,
    deadline=None,
    phases=[Phase.explicit, Phase.generate],
    suppress_health_check=list(HealthCheck),
)


@pytest.fixture
def ada(fresh_database):
    from tests import factories

    return factories.person()


@pytest.mark.slow
@pytest.mark.parametrize("half", [0, 1])
def test_every_answer_is_documented_and_none_is_a_fault_of_ours(studio, by, caller, half):
    ids = one_of_everything(studio, by, mark="Marked")
    schema = schemathesis.openapi.from_dict(document())
    schema.app = get_wsgi_application()
    headers = {"Authorization": f"Bearer {caller.token}"}

    for found in list(schema.get_all_operations())[half::2]:
        operation: Any = found.ok()  # type: ignore[union-attr]

        @QUICK
        @given(case=operation.as_strategy(), real=st.booleans())
        def holds(case: Any, real: bool) -> None:
            if real:
                _name_real_rows(case, ids)
            response = case.call(headers=headers)
            case.validate_response(response, checks=CHECKS)

        caches["fast"].clear()
        holds()


def _name_real_rows(case: Any, ids: Any) -> None:
    """Most random ids lead nowhere; these lead into the actions."""
    resource = case.operation.path.removeprefix("/api/v1/").split("/")[0]
    for name in case.path_parameters or {}:
        case.path_parameters[name] = str(ids["milestones" if name == "milestone_id" else resource])
    if isinstance(case.body, dict):
        for name in set(case.body) & set(KEYS):
            case.body[name] = str(ids[KEYS[name]])


def test_it_is_an_openapi_document_of_every_address(client):
    served = client.get("/api/v1/openapi.json")

    doors = [str(each.pattern) for each in urlpatterns if getattr(each.callback, "guard", "") == "token"]
    assert served.json()["openapi"] == "3.1.0"
    assert len(served.json()["paths"]) == len(doors)


def test_every_operation_has_its_own_name():
    names = [each.about["operationId"] for each in operations()]

    assert len(names) == len(set(names))


@pytest.mark.parametrize(
    ("name", "expected"), [(record.NAME, record.SERVED), (f"{record.NAME}.input", record.INPUT)]
)
def test_the_schemas_of_the_contract_are_open_to_anyone(client, name, expected):
    address = f"/api/v1/schemas/{name}.json"

    served = client.get(address)

    assert served.headers["Content-Type"] == "application/schema+json"
    assert served.json() == {"$id": f"http://localhost:8000{address}", **json.loads(json.dumps(expected))}
    jsonschema.Draft202012Validator.check_schema(served.json())


def test_an_unknown_schema_is_a_problem(client):
    served = client.get("/api/v1/schemas/kickoff_v0.json")

    assert (served.status_code, served.headers["Content-Type"]) == (404, "application/problem+json")


def test_the_page_of_the_document_loads_nothing_from_elsewhere(client):
    page = client.get("/api/v1/docs").content.decode()

    assert "//" not in page
    assert "<style" not in page
    assert "swagger-ui-bundle.js" in page
