"""All providers' codes behind one port."""

from fanfare.model.notification import Reason
from fanfare.partners.mail_codes import bounce_meaning
from fanfare.partners.sms_codes import report_meaning
from fanfare.ports.report_codes import Meaning

SMS_CODES_FROM = 10_000
"""Codes of SMS providers have five digits, those of returned mail three or four: the number tells the table."""


class ProviderCodes:
    """Reads a code in the table that it belongs to, whatever name the provider goes by."""

    def reason(self, provider: str, code: int | None) -> Reason:
        """As the port says."""
        return _meaning(provider, code).reason

    def may_retry(self, provider: str, code: int | None) -> bool:
        """As the port says."""
        return _meaning(provider, code).may_retry

    def opted_out(self, provider: str, code: int | None) -> bool:
        """As the port says."""
        return _meaning(provider, code).opted_out

    def alerts(self, provider: str, code: int | None) -> bool:
        """As the port says."""
        return _meaning(provider, code).alert


def _meaning(_provider: str, code: int | None) -> Meaning:
    if code is None or code >= SMS_CODES_FROM:
        return report_meaning(code)
    return bounce_meaning(code)
