import pytest

from fanfare.model.notification import Reason
from fanfare.partners import mail_codes
from fanfare.partners.report_codes import ProviderCodes
from fanfare.ports.report_codes import ReportCodes

CODES: ReportCodes = ProviderCodes()


def test_a_number_tells_whether_a_text_or_a_mail_failed() -> None:
    assert CODES.reason("lab", 30005) is Reason.INVALID_NUMBER
    assert CODES.reason("smtp", 511) is Reason.INVALID_ADDRESS


def test_what_a_code_calls_for_is_told() -> None:
    assert CODES.may_retry("lab", 30001)
    assert not CODES.may_retry("lab", 30003)
    assert CODES.opted_out("lab", 21610)
    assert not CODES.opted_out("lab", 30001)
    assert CODES.alerts("lab", 30034)
    assert not CODES.alerts("lab", 30001)


def test_a_complaint_is_an_opt_out() -> None:
    assert CODES.reason("smtp", mail_codes.COMPLAINT_CODE) is Reason.COMPLAINED
    assert CODES.opted_out("smtp", mail_codes.COMPLAINT_CODE)


@pytest.mark.parametrize("code", [None, 99999])
def test_a_failure_that_nobody_listed_is_never_tried_again(code: int | None) -> None:
    assert CODES.reason("lab", code) is Reason.REPORTED_FAILED
    assert not CODES.may_retry("lab", code)


@pytest.mark.parametrize("code", [400, 511, 522, 550, 571, 5110, 900])
def test_mail_that_came_back_is_never_sent_again(code: int) -> None:
    assert not CODES.may_retry("smtp", code)
