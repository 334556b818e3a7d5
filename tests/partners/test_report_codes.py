from fanfare.model.notification import Reason
from fanfare.partners import sms_codes
from fanfare.partners.report_codes import ReportCodesByProvider
from fanfare.ports.report_codes import Meaning, ReportCodes

CODES: ReportCodes = ReportCodesByProvider(
    {
        "lab": sms_codes.report_meaning,
        "other": lambda _: Meaning(reason=Reason.BOUNCED, may_retry=True, opted_out=True, alert=True),
    }
)


def test_each_provider_has_its_own_table() -> None:
    assert CODES.reason("lab", 30005) is Reason.INVALID_NUMBER
    assert CODES.reason("other", 30005) is Reason.BOUNCED


def test_what_a_code_calls_for_is_told() -> None:
    assert CODES.may_retry("lab", 30001)
    assert not CODES.may_retry("lab", 30003)
    assert CODES.opted_out("lab", 21610)
    assert not CODES.opted_out("lab", 30001)
    assert CODES.alerts("lab", 30034)
    assert not CODES.alerts("lab", 30001)


def test_a_provider_that_nobody_configured_never_allows_another_try() -> None:
    assert CODES.reason("stranger", 30001) is Reason.REPORTED_FAILED
    assert not CODES.may_retry("stranger", 30001)
