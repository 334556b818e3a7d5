"""The API is what its description says: no 5xx, and every answer in the described shape."""

from typing import Any

import pytest
import schemathesis
from hypothesis import given, settings
from schemathesis.specs.openapi import checks

from fanfare.ports.api_keys import Scope
from tests.doors.web.conftest import Stage

EXAMPLES_MAX = 20
LIBRARY: Any = checks
SKIPPED = [
    LIBRARY.positive_data_acceptance,  # a well-formed opt-in of a wrong number is still refused
    LIBRARY.ignored_auth,  # test_access proves the keys
]


# The library leaves most of its types open; what is asked of it here is asked loosely.
@pytest.mark.slow
def test_no_request_breaks_the_description(door: Stage) -> None:
    schema: Any = schemathesis.openapi.from_url(f"{door.url}/openapi.json")
    headers = {"Authorization": f"Bearer {door.key(Scope.ADMIN)}"}

    operations = [found.ok() for found in schema.get_all_operations()]

    assert len(operations) > 15
    for operation in operations:
        probe(operation, headers)


def probe(operation: Any, headers: dict[str, str]) -> None:  # noqa: ANN401 - as above
    """Send what the description allows, and what it does not."""

    @given(case=operation.as_strategy())
    @settings(max_examples=EXAMPLES_MAX, deadline=None, database=None)
    def run(case: Any) -> None:  # noqa: ANN401 - as above
        case.call_and_validate(headers=headers, excluded_checks=SKIPPED)

    run()


def test_the_description_is_openapi_3_1_and_names_its_scheme(door: Stage) -> None:
    document = door.call("GET", "/openapi.json").json

    assert document["openapi"] == "3.1.0"
    assert document["components"]["securitySchemes"] == {
        "HTTPBearer": {
            "type": "http",
            "scheme": "bearer",
            "description": "An API key: `Authorization: Bearer fanfare_...`",
        }
    }


def test_every_operation_describes_its_refusals_as_problem_documents(door: Stage) -> None:
    document = door.call("GET", "/openapi.json").json
    operations = [operation for path in document["paths"].values() for operation in path.values()]

    assert operations
    for operation in operations:
        assert "application/problem+json" in operation["responses"]["422"]["content"]
    assert "HTTPValidationError" not in document["components"]["schemas"]


def test_no_page_of_the_description_loads_scripts_from_elsewhere(door: Stage) -> None:
    for path in ("/docs", "/redoc", "/docs/oauth2-redirect"):
        assert door.call("GET", path).status == 404
