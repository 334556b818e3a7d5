from typing import Any, cast

import pytest

from fanfare.lab.judge import Judge
from fanfare.lab.ledger import Entry, Kind, Service, address_hash
from tests.lab.calls import FAN

FAN_HASH = address_hash(FAN)
WORDS = "ab" * 32
OTHER_WORDS = "cd" * 32


class Book:
    """Writes entries for a judge."""

    def __init__(self) -> None:
        self.judge = Judge()
        self.seq = 0

    def accepted(self, sid: str, minute: int = 0, words: str = WORDS, service: Service = Service.SMS) -> None:
        at = f"2026-05-08T15:{minute:02d}:00.000Z"
        reply = self.judge.is_reply(FAN_HASH, bytes.fromhex(words), self._seconds(minute))
        self._follow(
            kind=Kind.ACCEPTED, at=at, service=service, sid=sid, to_hash=FAN_HASH, body_sha256=words, reply=reply
        )

    def reported(self, sid: str, status: str, code: int = 0) -> None:
        self._follow(kind=Kind.REPORT, at="2026-05-08T15:00:00.000Z", sid=sid, status=status, code=code)

    def texted(self, minute: int, opt_out: str = "") -> None:
        self._follow(
            kind=Kind.INBOUND, at=f"2026-05-08T15:{minute:02d}:00.000Z", sid="in", to_hash=FAN_HASH, opt_out=opt_out
        )

    def count(self, name: str, last_opening: float | None = None) -> object:
        return self.judge.summary(lambda _: last_opening)[name]

    def _follow(self, **fields: Any) -> None:  # noqa: ANN401 -- fields of Entry
        self.seq += 1
        self.judge.follow(Entry(seq=self.seq, **fields))

    @staticmethod
    def _seconds(minute: int) -> float:
        return 1_778_252_400.0 + minute * 60  # 2026-05-08T15:00:00Z


@pytest.fixture
def book() -> Book:
    return Book()


def test_the_same_words_twice_are_a_duplicate_and_others_are_not(book: Book) -> None:
    book.accepted("a")
    book.accepted("b", words=OTHER_WORDS)
    assert book.count("duplicates") == 0

    book.accepted("c")

    assert book.count("duplicates") == 1
    (entry,) = cast("list[dict[str, object]]", book.count("duplicate_entries"))
    assert entry["sid"] == "c"


@pytest.mark.parametrize("code", [21611, 30001, 30017, 30022])
def test_a_text_reported_as_not_delivered_may_be_sent_again_once(book: Book, code: int) -> None:
    book.accepted("a")
    book.reported("a", "failed", code)
    book.accepted("b")
    assert book.count("duplicates") == 0

    book.accepted("c")

    assert book.count("duplicates") == 1


@pytest.mark.parametrize(
    ("status", "code"), [("delivered", 0), ("undelivered", 30003), ("undelivered", 30008), ("failed", 30410)]
)
def test_other_reports_excuse_nothing(book: Book, status: str, code: int) -> None:
    book.accepted("a")
    book.reported("a", status, code)
    book.accepted("b")

    assert book.count("duplicates") == 1


def test_a_report_that_comes_after_the_second_text_excuses_nothing(book: Book) -> None:
    book.accepted("a")
    book.accepted("b")
    book.reported("a", "failed", 30001)

    assert book.count("duplicates") == 1


def test_an_answer_to_an_inbound_text_is_no_reminder_and_no_duplicate(book: Book) -> None:
    for minute in (1, 3):
        book.texted(minute)
        book.accepted(f"answer{minute}", minute + 1, OTHER_WORDS)

    assert book.count("replies") == 2
    assert book.count("duplicates") == 0
    assert book.count("after_sale_start", last_opening=0.0) == 0


def test_one_inbound_text_is_answered_once(book: Book) -> None:
    book.texted(1)
    book.accepted("answer", 2, OTHER_WORDS)
    book.accepted("again", 3, OTHER_WORDS)

    assert book.count("duplicates") == 1


def test_an_answer_does_not_come_after_a_quarter_of_an_hour(book: Book) -> None:
    book.texted(1)
    book.accepted("answer", 17)

    assert book.count("replies") == 0


def test_a_reminder_sent_again_does_not_pass_for_an_answer(book: Book) -> None:
    book.accepted("a", 0)
    book.texted(1)
    book.accepted("b", 2)

    assert book.count("duplicates") == 1


def test_a_reminder_after_the_latest_opening_is_late(book: Book) -> None:
    opening = 1_778_252_400.0 + 600  # 15:10
    book.accepted("in time", 10)
    assert book.count("after_sale_start", opening) == 0

    book.accepted("late", 11, OTHER_WORDS)

    assert book.count("after_sale_start", opening) == 1
    assert book.count("after_sale_start", None) == 0


def test_a_reminder_after_stop_is_told_until_start(book: Book) -> None:
    book.texted(1, "STOP")
    book.accepted("confirmation", 2, OTHER_WORDS)
    assert book.count("after_opt_out") == 0

    book.accepted("reminder", 3)
    book.texted(20, "START")
    book.accepted("welcome", 21, "ef" * 32)
    book.accepted("reminder 2", 40, "01" * 32)

    assert book.count("after_opt_out") == 1


def test_mail_and_texts_are_counted_apart(book: Book) -> None:
    book.accepted("a")
    book.accepted("b", words=OTHER_WORDS, service=Service.MAIL)

    assert book.count("accepted_by_service") == {"sms": 1, "mail": 1}
