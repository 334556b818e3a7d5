"""The account query: from the service, sealed for some minutes, else stale and marked."""

from dataclasses import dataclass, fields

import pytest

from fanfare.engines.embedded.clock import SteppedClock
from fanfare.model.answer import AnswerSource
from fanfare.model.ids import FanId
from fanfare.ports.accounts import Account
from fanfare.ports.faults import Transient
from fanfare.topology import World
from fanfare.workers import resolve_account
from fanfare.workers.resolve_account import AccountAnswer
from tests.builders import NOW, a_fan, a_mailbox

ACCOUNT = Account(**{**{field.name: None for field in fields(Account)}, "account_id": a_fan(), "email": a_mailbox()})  # pyright: ignore[reportArgumentType]


@dataclass
class ScriptedAccounts:
    """Knows one account; may be down."""

    is_down: bool = False
    asked: int = 0

    def get(self, account_id: FanId) -> Account | None:
        self.asked += 1
        if self.is_down:
            raise Transient("down")
        return ACCOUNT if account_id == ACCOUNT.account_id else None


@pytest.fixture
def accounts() -> ScriptedAccounts:
    return ScriptedAccounts()


def ask(world: World, accounts: ScriptedAccounts, fan: FanId = ACCOUNT.account_id) -> AccountAnswer:
    return resolve_account.run(fan, cache=world.cache, accounts=accounts, vault=world.vault, clock=world.clock)


def test_an_account_is_asked_for_once_a_minute(world: World, accounts: ScriptedAccounts, clock: SteppedClock) -> None:
    """FLOW-9: authenticated call, normalised, cached."""
    assert ask(world, accounts) == AccountAnswer(account=ACCOUNT, source=AnswerSource.SOURCE)
    clock.advance(seconds=59)
    assert ask(world, accounts) == AccountAnswer(account=ACCOUNT, source=AnswerSource.CACHE)
    clock.advance(seconds=2)
    assert ask(world, accounts).source is AnswerSource.SOURCE
    assert accounts.asked == 2


def test_a_service_that_is_down_gives_the_stale_answer_marked(
    world: World, accounts: ScriptedAccounts, clock: SteppedClock
) -> None:
    """FLOW-9: falls back to stale, marked; never for longer than five minutes."""
    ask(world, accounts)
    accounts.is_down = True
    clock.advance(seconds=299)
    assert ask(world, accounts) == AccountAnswer(account=ACCOUNT, source=AnswerSource.STALE)

    clock.advance(seconds=2)
    with pytest.raises(Transient):
        ask(world, accounts)


def test_what_is_kept_is_sealed(world: World, accounts: ScriptedAccounts) -> None:
    """FLOW-9: never caches what it may not."""
    ask(world, accounts)

    kept = world.cache.get(f"account:{ACCOUNT.account_id}", NOW)
    assert kept is not None
    assert a_mailbox().encode() not in kept[0]


def test_an_account_that_does_not_exist_is_remembered_for_a_while(world: World, accounts: ScriptedAccounts) -> None:
    assert ask(world, accounts, a_fan(9)) == AccountAnswer(account=None, source=AnswerSource.SOURCE)
    assert ask(world, accounts, a_fan(9)) == AccountAnswer(account=None, source=AnswerSource.CACHE)
    assert accounts.asked == 1
