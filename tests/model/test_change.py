"""A change of a record."""

from fanfare.model.change import Change, RecordType
from tests.builders import NOW


def test_changes_of_one_record_differ_by_their_version() -> None:
    fields = {"record_type": RecordType.SALE, "key": "E1:public", "old_state": None, "at": NOW, "image": b"{}"}
    first = Change(sequence=1, version=1, new_state="scheduled", **fields)  # pyright: ignore[reportArgumentType]
    again = Change(sequence=1, version=1, new_state="scheduled", **fields)  # pyright: ignore[reportArgumentType]
    second = Change(sequence=2, version=2, new_state="cancelled", **fields)  # pyright: ignore[reportArgumentType]

    assert first == again != second


def test_the_log_follows_four_types() -> None:
    assert {*RecordType} == {"event", "sale", "demand", "notification"}
