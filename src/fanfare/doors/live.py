"""What must be set before real fans are spoken to."""

from fanfare.settings import Settings, SettingsError


def refuse_unsigned(settings: Settings) -> None:
    """Refuse to go live with webhooks that nobody can sign.

    Raises:
        SettingsError: ``sms.auth_token`` is empty.
    """
    if settings.live and settings.sms.reports == "webhook" and not settings.sms.auth_token.get_secret_value():
        raise SettingsError("sms.auth_token: empty while live = true; set it, or no delivery report can be believed")
