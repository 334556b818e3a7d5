"""How the change log holds a notification: as an array, without what its key and the log's own columns say already.

Five changes are written for each notification, and what they weigh decides how fast a batch commits; so names are put
back when the log is read, which is not in anybody's way. ``COLUMNS`` only ever grows at its end: an array that an
older version wrote is shorter, and what it lacks is absent from the image.
"""

import msgspec

COLUMNS = (
    "sale_revision",
    "brand",
    "sender",
    "locale",
    "reason",
    "attempts",
    "late",
    "resent",
    "send_ms",
    "wake_ms",
    "cut_off_ms",
    "created_ms",
    "triggered_ms",
    "queued_ms",
    "sent_ms",
    "ended_ms",
    "text_hash",
    "provider",
    "provider_id",
    "provider_code",
)
SALE = "sale:"


def image(key: str, version: int, state: str, stored: str) -> bytes:
    """Return the after image as a JSON object, from a key ``occasion|fan_ref|channel|kind`` and the stored array."""
    occasion, fan_ref, channel, kind = key.rsplit("|", 3)
    identity = {"occasion": occasion, "fan_ref": int(fan_ref), "channel": channel, "kind": kind}
    sale_id = occasion.removeprefix(SALE) if occasion.startswith(SALE) else None
    standing = {"sale_id": sale_id, "state": state, "version": version}
    values: list[object] = msgspec.json.decode(stored, type=list[object])
    return msgspec.json.encode(identity | standing | dict(zip(COLUMNS, values, strict=False)))
