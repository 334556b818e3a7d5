"""The tombstones: appended, flushed, read by every process, whole even after a torn write."""

from pathlib import Path

from fanfare.engines.embedded.tombstones import Tombstones
from fanfare.model.ids import FanRef


def test_another_process_reads_what_was_appended(tmp_path: Path) -> None:
    ours, theirs = Tombstones(tmp_path / "t"), Tombstones(tmp_path / "t")

    ours.bury(FanRef(1), 100)
    ours.bury(FanRef(2), 200)

    assert theirs.destroyed_ms(FanRef(1)) is None
    assert theirs.catch_up() == (1, 2)
    assert theirs.catch_up() == ()
    assert theirs.all() == {1: 100, 2: 200} == ours.all() == Tombstones(tmp_path / "t").all()


def test_the_first_burial_holds(tmp_path: Path) -> None:
    stones = Tombstones(tmp_path / "t")
    stones.bury(FanRef(1), 100)
    stones.bury(FanRef(1), 200)

    assert stones.destroyed_ms(FanRef(1)) == 100
    assert Tombstones(tmp_path / "t").destroyed_ms(FanRef(1)) == 100


def test_a_line_that_a_power_cut_tore_does_not_swallow_the_next(tmp_path: Path) -> None:
    (tmp_path / "t").write_bytes(b"1 100\n2 2")
    stones = Tombstones(tmp_path / "t")
    assert stones.all() == {1: 100}

    stones.bury(FanRef(3), 300)

    assert stones.destroyed_ms(FanRef(3)) == 300
    assert Tombstones(tmp_path / "t").destroyed_ms(FanRef(3)) == 300
