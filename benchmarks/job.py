"""What is measured: one job, the same for every side, and what must be true when it is done.

N fans have opted in for one sale. The clock starts with the request to generate and stops when the last of the N
notifications is DELIVERED, which a side learns from the provider's report stream.
"""

import argparse
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Self

ACCOUNT_SID = "AC" + "0" * 31 + "1"
AUTH_TOKEN = "lab-token"  # noqa: S105 - the practice stage's well-known one
SENDER_ADDRESS = "+15005550006"
TEXT = (
    "Ticketmaster: Les Étoiles on sale Fri, May 8 at 10:00 AM EDT, Salle Exemple. https://l.example.test/3ExAmPl "
    "Reply STOP to end"
).replace("É", "E")
"""Rendered once, 126 letters, one segment: rendering is none of the peers' burdens."""

_AREA = 416
_EXCHANGES = tuple(number for number in range(220, 1000) if number % 100 != 11 and number != 555)
FANS_MAX = len(_EXCHANGES) * 10_000


class JobError(Exception):
    """A side did not do the job, so its time means nothing."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Job:
    """One run of one side."""

    fans: int
    provider_url: str
    folder: Path
    """Empty when the side starts; everything it writes goes here."""

    @classmethod
    def from_arguments(cls, arguments: Sequence[str] | None = None) -> Self:
        """Read what ``to_arguments`` wrote."""
        options = argparse.ArgumentParser()
        options.add_argument("--fans", type=int, required=True)
        options.add_argument("--provider-url", required=True)
        options.add_argument("--folder", type=Path, required=True)
        return cls(**vars(options.parse_args(arguments)))

    def to_arguments(self) -> list[str]:
        """Return this job as a command line."""
        return ["--fans", str(self.fans), "--provider-url", self.provider_url, "--folder", str(self.folder)]

    @property
    def messages_url(self) -> str:
        """Where a text is created."""
        return f"{self.provider_url}/2010-04-01/Accounts/{ACCOUNT_SID}/Messages.json"


def phone(number: int) -> str:
    """Return the phone of a fan, counted from 0; no two are alike.

    Raises:
        IndexError: there are no more than ``FANS_MAX``.
    """
    exchange, line = divmod(number, 10_000)
    return f"+1{_AREA}{_EXCHANGES[exchange]:03d}{line:04d}"


def check(fans: int, *, delivered: int, accepted: int, addresses: int) -> None:
    """Refuse a run that did not deliver to each fan once.

    Raises:
        JobError: rows are not DELIVERED, or the provider saw other than one text for each phone.
    """
    if delivered != fans:
        raise JobError(f"{delivered} of {fans} notifications were DELIVERED")
    if accepted != fans or addresses != fans:
        raise JobError(f"the provider took {accepted} texts to {addresses} phones, not {fans} to {fans}")
