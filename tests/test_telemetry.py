"""Every fact in one form, and nothing in it that belongs to a fan."""

import json
import logging

import pytest

from fanfare import telemetry
from fanfare.telemetry import Fact, JsonLines


def line_of(record: logging.LogRecord) -> dict[str, object]:
    return json.loads(JsonLines().format(record))


def test_a_fact_is_a_line_of_json_with_its_fields(caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level("INFO")
    telemetry.log(logging.getLogger("fanfare.test"), Fact.SALE_MISSED, logging.ERROR, sale_id="E1:public", count=3)

    (record,) = caplog.records
    line = line_of(record)
    assert (line["event"], line["level"], line["sale_id"], line["count"]) == ("sale_missed", "error", "E1:public", 3)


def test_lines_of_one_piece_of_work_share_their_correlation_id(caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level("INFO")
    logger = logging.getLogger("fanfare.test")
    with telemetry.correlated("abc"):
        telemetry.log(logger, Fact.EVENT_STORED)
        assert telemetry.correlation_id() == "abc"
        line = line_of(caplog.records[0])
    telemetry.log(logger, Fact.EVENT_STORED)

    assert line["correlation_id"] == "abc"
    assert "correlation_id" not in line_of(caplog.records[1])


def test_facts_are_past_tense_words_in_snake_case() -> None:
    assert all(fact.value == fact.name.lower() for fact in Fact)
