"""Which provider's table a code is read in."""

from collections.abc import Callable, Mapping

from fanfare.model.notification import Reason
from fanfare.ports.report_codes import Meaning

UNLISTED = Meaning(reason=Reason.REPORTED_FAILED)


class ReportCodesByProvider:
    """The code tables of all configured providers, by the name that rows and reports carry."""

    def __init__(self, meanings: Mapping[str, Callable[[int | None], Meaning]]) -> None:
        self._meanings = dict(meanings)

    def reason(self, provider: str, code: int | None) -> Reason:
        """As the port says."""
        return self._meaning(provider, code).reason

    def may_retry(self, provider: str, code: int | None) -> bool:
        """As the port says."""
        return self._meaning(provider, code).may_retry

    def opted_out(self, provider: str, code: int | None) -> bool:
        """As the port says."""
        return self._meaning(provider, code).opted_out

    def alerts(self, provider: str, code: int | None) -> bool:
        """As the port says."""
        return self._meaning(provider, code).alert

    def _meaning(self, provider: str, code: int | None) -> Meaning:
        meaning = self._meanings.get(provider)
        return meaning(code) if meaning else UNLISTED
