"""An altered, removed or inserted entry of the consent ledger shows."""

import pytest

from fanfare.engines.embedded.store import EmbeddedEngine
from fanfare.model.channel import Channel
from fanfare.ports.consents import ConsentEntry
from tests.ports.given import Given, an_address_hash


@pytest.mark.parametrize(
    ("harm", "first_bad"),
    [
        ("UPDATE consent_entry SET act = 'opt_out' WHERE seq = 3", 3),
        ("UPDATE consent_entry SET at_ms = at_ms + 1 WHERE seq = 1", 1),
        ("UPDATE consent_entry SET text_id = NULL WHERE seq = 5", 5),
        ("DELETE FROM consent_entry WHERE seq = 2", 2),
        ("DELETE FROM consent_entry WHERE seq = 1", 1),
        ("UPDATE consent_entry SET chain_hash = zeroblob(32) WHERE seq = 4", 4),
    ],
)
def test_harm_to_the_ledger_shows_where_it_was_done(
    engine: EmbeddedEngine, given: Given, harm: str, first_bad: int
) -> None:
    entries = [
        ConsentEntry(
            fan_ref=None, channel=Channel.SMS, brand="b", address_hash=an_address_hash(number), act="opt_in",
            at=given.now, text_id="t", source="s", locale=None,
        )
        for number in range(5)
    ]  # fmt: skip
    engine.consents.append(entries)
    assert engine.consents.verify() is None

    engine.store.change(harm)

    assert engine.consents.verify() == first_bad
