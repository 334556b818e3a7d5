"""The identities that records are known by outside an engine.

Each is a plain value with its own type, so that a sale's id cannot be passed where an event's is meant.
"""

from typing import NewType

EventId = NewType("EventId", str)
"""The Discovery id of an event, case-sensitive."""

SaleId = NewType("SaleId", str)
"""``<event id>:<slug>``, given when the sale is first seen and kept when its start moves."""

FanId = NewType("FanId", str)
"""The id by which the account system knows a fan."""

FanRef = NewType("FanRef", int)
"""Random 63-bit stand-in for a fan, the only fan identity that changes and lake files carry."""

NotificationId = NewType("NotificationId", int)
"""The engine's own key of a notification row; leaves the engine only signed, in a callback address."""

SenderName = NewType("SenderName", str)
"""A ``[[senders]]`` entry: one number, pool or mailbox with one rate."""

AddressHash = NewType("AddressHash", bytes)
"""Keyed hash (HMAC-SHA256, 16 bytes) of a normalised phone number or email address."""
