"""Places in a list, as opaque text that a caller gives back."""

from base64 import urlsafe_b64decode, urlsafe_b64encode
from http import HTTPStatus
from typing import Annotated, TypeVar

import msgspec
from fastapi import Query

from fanfare.doors.web.problems import ProblemError

T = TypeVar("T")

LIMIT = 50
LIMIT_MAX = 200

Limit = Annotated[int, Query(ge=1, le=LIMIT_MAX, description="Items on a page")]
Cursor = Annotated[str | None, Query(max_length=512, description="`next_cursor` of the page before")]


def write(place: object) -> str:
    """Return a place as a cursor."""
    return urlsafe_b64encode(msgspec.json.encode(place)).rstrip(b"=").decode()


def read(cursor: str | None, kind: type[T]) -> T | None:
    """Return the place that a cursor names, None without one.

    Raises:
        ProblemError: it is none of ours.
    """
    if cursor is None:
        return None
    try:
        return msgspec.json.decode(urlsafe_b64decode(cursor + "=" * (-len(cursor) % 4)), type=kind)
    except (ValueError, msgspec.MsgspecError):
        raise ProblemError(HTTPStatus.BAD_REQUEST, "The cursor is none that this list gave out.") from None
