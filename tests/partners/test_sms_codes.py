import pytest

from fanfare.model.notification import Reason
from fanfare.model.report import ReportStatus
from fanfare.partners import sms_codes
from fanfare.ports.report_codes import Meaning

# What the house decided for each code, written down a second time: a slip in the table must disagree with it.
DECIDED = {
    Reason.INVALID_NUMBER: {21211, 21217, 21614, 30005, 30006},
    Reason.UNREACHABLE: {21214, 21612, 30003},
    Reason.BLOCKED: {30004, 30450},
    Reason.OPTED_OUT: {21610},
    Reason.FILTERED: {30007},
    Reason.REJECTED: {21602, 21603, 21604, 21605, 21617, 21620, 30019},
    Reason.SENDER_PROBLEM: (
        {20003, 20404, 21219, 21408, 21606, 21608, 21703, 21704, 21910} | {30002, 30024, 30032, 30034, 30035}
    ),
    Reason.CARRIER_LIMIT: {14107, 20429, 21611, 30001, 30017, 30022, 30023, 30027, 63038},
    Reason.VALIDITY_PASSED: {30036},
    Reason.REPORTED_FAILED: {30008, 30410},
}


@pytest.mark.parametrize("code", sorted(sms_codes.MEANINGS))
def test_each_code_has_the_decided_reason(code: int) -> None:
    assert code in DECIDED[sms_codes.report_meaning(code).reason]


def test_no_decided_code_is_missing() -> None:
    assert set().union(*DECIDED.values()) == set(sms_codes.MEANINGS)


def test_only_four_reports_allow_another_try() -> None:
    allowed = {code for code in sms_codes.MEANINGS if sms_codes.report_meaning(code).may_retry}

    assert allowed == {21611, 30001, 30017, 30022}


def test_only_three_answers_below_500_say_later() -> None:
    assert {14107, 20429, 21611} == sms_codes.RETRYABLE_ANSWERS


def test_only_the_opt_out_code_opts_out() -> None:
    assert [code for code, meaning in sms_codes.MEANINGS.items() if meaning.opted_out] == [21610]


def test_our_own_faults_and_only_they_call_for_an_operator() -> None:
    ours = DECIDED[Reason.SENDER_PROBLEM] | DECIDED[Reason.REJECTED] | {63038}

    assert {code for code, meaning in sms_codes.MEANINGS.items() if meaning.alert} == ours


@pytest.mark.parametrize("code", [None, 0, -1, 99999, 30999])
def test_an_unlisted_report_code_is_a_failure_without_another_try(code: int | None) -> None:
    assert sms_codes.report_meaning(code) == Meaning(reason=Reason.REPORTED_FAILED)


@pytest.mark.parametrize("status", [401, 403, 404])
def test_an_answer_without_a_code_that_shuts_us_out_is_our_sender(status: int) -> None:
    assert sms_codes.answer_meaning(status, None) == Meaning(reason=Reason.SENDER_PROBLEM, alert=True)


@pytest.mark.parametrize("code", [None, 29999])
def test_any_other_answer_without_a_listed_code_is_a_rejection(code: int | None) -> None:
    assert sms_codes.answer_meaning(400, code) == Meaning(reason=Reason.REJECTED)


@pytest.mark.parametrize(
    ("word", "status"),
    [
        ("delivered", ReportStatus.DELIVERED),
        ("read", ReportStatus.DELIVERED),
        ("undelivered", ReportStatus.UNDELIVERED),
        ("failed", ReportStatus.UNDELIVERED),
        ("canceled", ReportStatus.UNDELIVERED),
        ("accepted", ReportStatus.PROGRESS),
        ("scheduled", ReportStatus.PROGRESS),
        ("queued", ReportStatus.PROGRESS),
        ("sending", ReportStatus.PROGRESS),
        ("sent", ReportStatus.PROGRESS),
        ("partially_delivered", ReportStatus.PROGRESS),
        ("a word of next year", ReportStatus.PROGRESS),
    ],
)
def test_status_words_fold_to_what_changes_a_row(word: str, status: ReportStatus) -> None:
    assert sms_codes.report_status(word) is status
