"""Reports and inbound texts, as they travel through the inbox."""

import msgspec

from fanfare.model.report import InboundText, Report, ReportStatus
from tests.builders import NOW, a_phone


def test_a_report_travels_as_json_and_comes_back_equal() -> None:
    report = Report(provider="lab", provider_id="SM1", token=None, status=ReportStatus.UNDELIVERED, code=30003, at=NOW)

    assert msgspec.json.decode(msgspec.json.encode(report), type=Report) == report


def test_a_text_travels_as_json_and_comes_back_equal() -> None:
    text = InboundText(
        provider_id="SM2", from_address=a_phone(1), to_address=a_phone(2), body="ARRÊT", at=NOW, provider_replied=False
    )

    assert msgspec.json.decode(msgspec.json.encode(text), type=InboundText) == text
