import pytest

from fanfare.model.notification import Reason
from fanfare.partners.mail_codes import COMPLAINT_CODE, UNSUBSCRIBED_CODE, bounce_meaning, code_of_status


@pytest.mark.parametrize(
    ("status", "code"), [("5.1.1", 511), ("5.1.10", 5110), ("4.2.2", 422), ("5.7.509", 5750), ("5.0.0", 500)]
)
def test_a_status_is_a_number_without_its_dots(status: str, code: int) -> None:
    assert code_of_status(status) == code


@pytest.mark.parametrize(
    "status", ["", "5", "5.1", "5.1.1.1", "5.x.1", "5.1.1234", "5..1", "9.0.0", "15.1.1", "-5.1.1"]
)
def test_anything_else_is_no_status(status: str) -> None:
    assert code_of_status(status) is None


@pytest.mark.parametrize(
    ("code", "reason"),
    [
        (511, Reason.INVALID_ADDRESS),
        (5110, Reason.INVALID_ADDRESS),
        (522, Reason.BOUNCED),
        (571, Reason.BLOCKED),
        (500, Reason.BOUNCED),
        (None, Reason.BOUNCED),
        (COMPLAINT_CODE, Reason.COMPLAINED),
        (UNSUBSCRIBED_CODE, Reason.OPTED_OUT),
    ],
)
def test_a_code_has_a_reason(code: int | None, reason: Reason) -> None:
    assert bounce_meaning(code).reason is reason


def test_only_what_a_fan_did_is_an_opt_out() -> None:
    assert {code for code in range(1000) if bounce_meaning(code).opted_out} == {COMPLAINT_CODE, UNSUBSCRIBED_CODE}
