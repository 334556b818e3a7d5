"""Commands that name a fan: ``forget`` and ``opt-out``."""

from datetime import datetime, timedelta
from pathlib import Path

import pytest

from fanfare.model.channel import Channel
from fanfare.ports.opt_outs import EVERY_BRAND
from tests.doors.cli.command_line import answer, error_of, run
from tests.doors.cli.demand_samples import row
from tests.doors.cli.stores import engine_of, import_demands

PHONE = "+12125550123"


def scopes_of(data_dir: Path, address: str = PHONE, channel: Channel = Channel.SMS) -> frozenset[str]:
    with engine_of(data_dir) as engine:
        (address_hash,) = engine.vault.hash([address])
        return engine.opt_outs.of(channel, [address_hash]).get(address_hash, frozenset())


def test_forgetting_gives_a_certificate_and_keeps_the_opt_out(data_dir: Path) -> None:
    import_demands(data_dir)

    certificate = answer("forget", "fan-1", data=data_dir)

    destroyed, ended = (datetime.fromisoformat(certificate[name]) for name in ("destroyed_at", "backups_end_at"))
    assert ended - destroyed == timedelta(days=7)
    assert scopes_of(data_dir) == {EVERY_BRAND}


def test_a_forgotten_fan_is_known_no_more(data_dir: Path) -> None:
    import_demands(data_dir)
    assert "Certificate of erasure" in run("forget", "fan-1", data=data_dir).stdout

    again = run("forget", "fan-1", data=data_dir)

    assert (again.exit_code, "there is no fan fan-1" in error_of(again)) == (3, True)


def test_an_opt_out_binds_every_address_of_the_fan(data_dir: Path) -> None:
    import_demands(data_dir, row(), row(channel="email", address="fan@example.com"))

    told = answer("opt-out", "--fan", "fan-1", data=data_dir)

    assert told["opted_out"] == {"sms": 1, "email": 1}
    assert scopes_of(data_dir) == scopes_of(data_dir, "fan@example.com", Channel.EMAIL) == {EVERY_BRAND}


def test_an_opt_out_may_bind_one_channel_and_brand(data_dir: Path) -> None:
    import_demands(data_dir, row(), row(channel="email", address="fan@example.com"))

    told = answer("opt-out", "--fan", "fan-1", "--channel", "sms", "--brand", "ticketmaster", data=data_dir)

    assert told["opted_out"] == {"sms": 1}
    assert (scopes_of(data_dir), scopes_of(data_dir, "fan@example.com", Channel.EMAIL)) == (
        {"ticketmaster"},
        frozenset(),
    )


@pytest.mark.parametrize("words", [["forget", "nobody"], ["opt-out", "--fan", "nobody"]])
def test_an_unknown_fan_is_not_found(words: list[str], data_dir: Path) -> None:
    result = run(*words, data=data_dir)

    assert (result.exit_code, "there is no fan nobody" in error_of(result)) == (3, True)
