"""A text that the provider took, and how it is shown."""

from enum import StrEnum

import msgspec

from fanfare.lab import clock, segments

VALIDITY_SECONDS_MAX = 36_000  # ten hours: the provider's queue, and the default


class Status(StrEnum):
    """How far a text came."""

    ACCEPTED = "accepted"
    QUEUED = "queued"
    SENT = "sent"
    DELIVERED = "delivered"
    UNDELIVERED = "undelivered"
    FAILED = "failed"


class Message(msgspec.Struct, kw_only=True, eq=False):
    """A text on its way. Instants are epoch seconds of the lab's clock."""

    sid: str
    to: str
    sender: str
    service_sid: str | None
    body: str
    status_callback: str | None
    validity_seconds: int
    created_at: float
    updated_at: float
    status: Status
    code: int | None = None
    sent_at: float | None = None

    def reached(self, status: Status, code: int | None, at_seconds: float) -> None:
        """Move to a status."""
        self.status = status
        self.code = code
        self.updated_at = at_seconds
        if status is Status.SENT:
            self.sent_at = at_seconds


class Resource(msgspec.Struct, kw_only=True):
    """The provider's JSON for a text; every field is documented there."""

    sid: str
    account_sid: str
    messaging_service_sid: str | None
    status: str
    sender: str | None = msgspec.field(name="from")
    to: str
    body: str
    num_segments: str
    error_code: int | None
    error_message: str | None
    date_created: str
    date_sent: str | None
    date_updated: str
    uri: str
    subresource_uris: dict[str, str]
    direction: str = "outbound-api"
    num_media: str = "0"
    price: str | None = None
    price_unit: str = "USD"
    api_version: str = "2010-04-01"


def resource(message: Message, account_sid: str) -> Resource:
    """Return a text as the provider shows it now."""
    fresh = message.status is Status.ACCEPTED  # a service has not chosen its sender yet
    uri = f"/2010-04-01/Accounts/{account_sid}/Messages/{message.sid}"
    return Resource(
        sid=message.sid,
        account_sid=account_sid,
        messaging_service_sid=message.service_sid,
        status=message.status,
        sender=None if fresh else message.sender,
        to=message.to,
        body=message.body,
        num_segments="0" if fresh else str(segments.count(message.body)),
        error_code=message.code,
        error_message=None if message.code is None else f"Lab: {message.code}",
        date_created=clock.rfc2822(message.created_at),
        date_sent=None if message.sent_at is None else clock.rfc2822(message.sent_at),
        date_updated=clock.rfc2822(message.updated_at),
        uri=f"{uri}.json",
        subresource_uris={"media": f"{uri}/Media.json"},
    )
