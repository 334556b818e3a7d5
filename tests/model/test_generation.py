"""A generation request travels as JSON, short where nothing is said."""

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from fanfare.model.generation import GenerationRequest
from fanfare.model.ids import EventId, FanRef, SaleId

REQUESTS = st.builds(
    GenerationRequest,
    event_id=st.text(min_size=1).map(EventId),
    sale_id=st.text(min_size=1).map(SaleId),
    fan_ref=st.none() | st.integers(min_value=0, max_value=2**63 - 1).map(FanRef),
    target=st.integers(min_value=0, max_value=50),
    after=st.none() | st.integers(min_value=0),
    shard=st.none() | st.integers(min_value=0, max_value=64),
    waited_seconds=st.integers(min_value=0, max_value=600),
)


@given(REQUESTS)
def test_what_is_written_is_read_back(request: GenerationRequest) -> None:
    assert GenerationRequest.from_json(request.to_json()) == request


def test_the_first_step_is_the_two_ids_alone() -> None:
    request = GenerationRequest(event_id=EventId("E1"), sale_id=SaleId("E1:public"))

    assert json.loads(request.to_json()) == {"eventId": "E1", "saleId": "E1:public"}


def test_waiting_longer_is_the_same_request() -> None:
    request = GenerationRequest(event_id=EventId("E1"), sale_id=SaleId("E1:public"))
    later = GenerationRequest(event_id=EventId("E1"), sale_id=SaleId("E1:public"), waited_seconds=10)
    fan = GenerationRequest(event_id=EventId("E1"), sale_id=SaleId("E1:public"), fan_ref=FanRef(7))

    assert request.key == later.key != fan.key


@pytest.mark.parametrize(
    "body", ["", "no json", "[]", "{}", '"E1"', '{"eventId": "E1"}', '{"eventId": 1, "saleId": "S"}']
)
def test_anything_else_is_no_request(body: str) -> None:
    with pytest.raises(ValueError):  # noqa: PT011 - the reader's own, or the JSON decoder's
        GenerationRequest.from_json(body)
