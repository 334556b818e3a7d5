"""No address is in any file of the data directory, and a destroyed key is in none."""

from dataclasses import replace
from pathlib import Path

from fanfare.engines.embedded import backup
from fanfare.engines.embedded.store import EmbeddedEngine
from fanfare.model.channel import Channel
from fanfare.model.ids import FanRef
from fanfare.model.report import InboundText
from fanfare.ports.consents import ConsentEntry
from tests.ports.given import Given, a_demand

PHONE = "+15550142857"
WORDS = "please STOP, says Zoë"


def files_with(data_dir: Path, *needles: bytes) -> list[str]:
    files = [path for path in data_dir.rglob("*") if path.is_file()]
    assert len(files) >= 4
    return [path.name for path in files if any(needle in path.read_bytes() for needle in needles)]


def test_a_planted_phone_number_is_found_nowhere(engine: EmbeddedEngine, given: Given, data_dir: Path) -> None:
    (address_hash,) = engine.vault.hash([PHONE])
    (sealed,) = engine.vault.seal([FanRef(1)], [PHONE])
    demand = replace(a_demand(1, given.now), address_hash=address_hash, address_sealed=sealed)
    given.sale()
    engine.demands.put([demand], [""])
    given.rows([FanRef(1)])
    engine.inbox.leave_texts(
        [
            InboundText(
                provider_id="SM1", from_address=PHONE, to_address="+15550100", body=WORDS, at=given.now,
                provider_replied=False,
            )
        ]
    )  # fmt: skip
    engine.consents.append(
        [
            ConsentEntry(
                fan_ref=FanRef(1), channel=Channel.SMS, brand="b", address_hash=address_hash, act="opt_in",
                at=given.now, text_id="t", source="s", locale=None,
            )
        ]
    )  # fmt: skip
    engine.vault.sign_fan(FanRef(1), "unsubscribe")

    needles = (PHONE.encode(), PHONE[1:].encode(), PHONE[-7:].encode(), WORDS.encode(), b"Zo\xc3\xab")
    assert files_with(data_dir, *needles) == []
    assert files_with(data_dir, address_hash) != []  # the search does find what is there
    backup.backup(data_dir, given.now)
    engine.store.checkpoint()
    assert files_with(data_dir, *needles) == []
    assert engine.inbox.take_texts(1)[1][0].body == WORDS


def test_a_destroyed_key_is_in_no_file_but_the_backup(engine: EmbeddedEngine, given: Given, data_dir: Path) -> None:
    fans = [FanRef(number) for number in range(1, 200)]
    engine.vault.seal(fans, [PHONE] * len(fans))
    wrapped = engine.key_store.value("SELECT wrapped FROM fan_key WHERE fan_ref = 100")
    neighbour = engine.key_store.value("SELECT wrapped FROM fan_key WHERE fan_ref = 101")
    folder = backup.backup(data_dir, given.now)
    assert set(files_with(data_dir, wrapped)) >= {"vault.db"}

    engine.vault.forget(FanRef(100))

    live = [path for path in data_dir.iterdir() if path.is_file()]
    assert not [path.name for path in live if wrapped in path.read_bytes()]
    assert [path.name for path in live if neighbour in path.read_bytes()] == ["vault.db"]
    assert wrapped in (folder / "vault.db").read_bytes()


def test_the_store_key_is_in_no_file_of_the_directory(engine: EmbeddedEngine, data_dir: Path, key_file: Path) -> None:
    engine.vault.seal([FanRef(1)], [PHONE])
    encoded = key_file.read_bytes().strip().partition(b":")[2]

    assert files_with(data_dir, encoded) == []
