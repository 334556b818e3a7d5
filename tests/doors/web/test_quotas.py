"""Fixed windows, counted by hand-moved seconds."""

from collections.abc import Iterator

import pytest

from fanfare.doors.web import quotas
from fanfare.doors.web.door import Caps
from fanfare.doors.web.quotas import Quota
from fanfare.ports.api_keys import Scope
from fanfare.settings import Settings
from tests.doors.web.conftest import SETTINGS, Stage, served


class Seconds:
    """Time that a test moves."""

    def __init__(self) -> None:
        self.now = 1000.0

    def __call__(self) -> float:
        return self.now


@pytest.fixture
def strict() -> Iterator[Stage]:
    yield from served(Settings.model_validate(SETTINGS), Caps(key_per_minute=3))


def test_a_window_ends_and_begins_anew() -> None:
    seconds = Seconds()
    quota = Quota(2, 60, seconds=seconds)

    assert [quota.spend("a").is_spent for _ in range(3)] == [False, False, True]
    assert quota.spend("b").is_spent is False
    assert (quota.spend("a").remaining, quota.spend("a").reset_seconds) == (0, 20)

    seconds.now += 20

    assert quota.spend("a").remaining == 1


def test_a_flood_of_names_shares_one_count(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(quotas, "NAMES_MAX", 5)
    quota = Quota(3, 60, seconds=Seconds())

    assert [quota.spend(str(n)).is_spent for n in range(9)] == [False] * 8 + [True]


def test_a_key_over_its_quota_is_told_to_wait(strict: Stage) -> None:
    key = strict.key(Scope.EVENTS_READ)

    answers = [strict.call("GET", "/v1/events", key=key) for _ in range(8)]

    # A window may end while the test runs, so up to six requests may be answered.
    spent = [answer for answer in answers if answer.status == 429]
    assert spent
    assert all(int(answer.headers["retry-after"]) in range(1, 61) for answer in spent)
    assert strict.call("GET", "/v1/events", key=strict.key(Scope.ADMIN)).status == 200
