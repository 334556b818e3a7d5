"""What every engine promises about the consent ledger."""

from datetime import datetime

from fanfare.engines.embedded.store import EmbeddedEngine
from fanfare.model.channel import Channel
from fanfare.model.ids import FanRef
from fanfare.ports.consents import ConsentEntry
from tests.ports.given import Given, an_address_hash


def entry(number: int, at: datetime, *, act: str = "opt_in") -> ConsentEntry:
    return ConsentEntry(
        fan_ref=FanRef(number), channel=Channel.SMS, brand="ticketmaster", address_hash=an_address_hash(number),
        act=act, at=at, text_id="t1", source="page", locale="en-us",
    )  # fmt: skip


def test_entries_come_back_in_the_order_they_were_given(engine: EmbeddedEngine, given: Given) -> None:
    first, other, second = entry(1, given.now), entry(2, given.now), entry(1, given.now, act="opt_out")

    engine.consents.append([first, other])
    engine.consents.append([second])
    engine.consents.append([])

    assert engine.consents.of_address(Channel.SMS, an_address_hash(1)) == (first, second)
    assert engine.consents.of_address(Channel.EMAIL, an_address_hash(1)) == ()


def test_an_untouched_ledger_verifies(engine: EmbeddedEngine, given: Given) -> None:
    assert engine.consents.verify() is None

    engine.consents.append([entry(number, given.now) for number in range(1, 6)])

    assert engine.consents.verify() is None
