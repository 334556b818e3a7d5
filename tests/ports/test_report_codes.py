from fanfare.model.notification import Reason
from fanfare.ports.report_codes import Meaning


def test_a_code_calls_for_nothing_unless_its_table_says_so() -> None:
    meaning = Meaning(reason=Reason.REPORTED_FAILED)

    assert (meaning.may_retry, meaning.opted_out, meaning.alert) == (False, False, False)
