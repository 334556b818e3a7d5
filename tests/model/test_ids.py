"""Identities are plain values, each with a type of its own."""

import inspect

from fanfare.model import ids

NAMES = {"EventId": str, "SaleId": str, "FanId": str, "FanRef": int, "NotificationId": int, "SenderName": str}


def test_each_identity_wraps_what_it_is_stored_as() -> None:
    for name, kind in NAMES.items():
        identity = getattr(ids, name)
        assert identity.__supertype__ is kind
        assert identity(kind()) == kind()


def test_no_identity_is_missing_here() -> None:
    wrapped = {name for name, value in inspect.getmembers(ids) if hasattr(value, "__supertype__")}

    assert wrapped == {*NAMES, "AddressHash"}
