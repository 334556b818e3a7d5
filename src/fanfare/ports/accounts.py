"""Who knows a fan's account."""

from dataclasses import dataclass
from typing import Protocol

from fanfare.model.ids import FanId


@dataclass(frozen=True, slots=True, kw_only=True)
class Account:
    """An account in normal form. What the service does not say is None, never invented."""

    account_id: FanId
    status: str | None
    email: str | None
    email_verified: bool | None
    phone_number: str | None
    phone_verified: bool | None
    given_name: str | None
    family_name: str | None
    locale: str | None
    zone_info: str | None
    country_code: str | None
    postal_code: str | None
    updated_at: str | None


class Accounts(Protocol):
    """The account service, called with our own credentials."""

    def get(self, account_id: FanId) -> Account | None:
        """Return the account; None when there is none.

        Raises:
            Transient: out of reach.
            Permanent: our credentials are refused.
        """
        ...
