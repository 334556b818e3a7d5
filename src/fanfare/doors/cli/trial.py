"""Sending one message to an operator: through the real channel, once, with no row behind it."""

from urllib.parse import urlsplit

from fanfare.doors.cli.exits import CommandError, ExitCode
from fanfare.doors.cli.opening import Opened
from fanfare.model.channel import Channel
from fanfare.model.message import EmailMessage, SmsMessage
from fanfare.partners.addresses import is_loopback_name
from fanfare.ports.channels import Accepted, EmailBatch, NotSent, Outcome, Refused, SmsBatch, Unknown
from fanfare.rules import dispatch, emails, phones
from fanfare.workers.send_notifications import Wanted

VALID_SECONDS = 600
NO_ROW = 0
"""The id of no notification: a report of the trial finds nothing to change."""


def send(to: str, message: SmsMessage | EmailMessage, wanted: Wanted, here: Opened) -> dict[str, object]:
    """Send the message; return what the channel answered.

    Raises:
        CommandError: nothing may be sent now, or the address is none.
    """
    _refuse_unless_allowed(wanted.sender.channel, here)
    address = _address(to, wanted.sender.channel)
    channel = here.world.email if isinstance(message, EmailMessage) else here.world.sms
    (outcome,) = _call(address, message, wanted, here)
    return {"provider": channel.provider, **_told(outcome)}


def _refuse_unless_allowed(channel: Channel, here: Opened) -> None:
    settings = here.settings
    host = settings.email.host if channel is Channel.EMAIL else urlsplit(settings.sms.base_url).hostname or ""
    if not settings.live and not is_loopback_name(host):
        raise CommandError(
            f"live is false, and {host} is not this machine",
            fix="set live = true to send for real",
            code=ExitCode.REFUSED,
        )
    paused = here.engine.switches.paused()
    if paused is not None:
        raise CommandError(f"sending is paused: {paused}", fix="run: fanfare resume", code=ExitCode.REFUSED)


def _address(to: str, channel: Channel) -> str:
    found = emails.normalise(to) if channel is Channel.EMAIL else phones.normalise(to, is_national_allowed=True)
    if found is None:
        raise CommandError(
            "the address is neither a number of the United States or Canada nor a bare email address",
            fix="write +1 and ten digits, or name@example.com",
        )
    return found


def _call(address: str, message: SmsMessage | EmailMessage, wanted: Wanted, here: Opened) -> tuple[Outcome, ...]:
    world = here.world
    tokens = world.vault.callback_tokens([NO_ROW], [1])
    deadline = world.clock.monotonic_seconds() + dispatch.CALL_BEFORE_SECONDS
    if isinstance(message, EmailMessage):
        link = world.vault.sign_fan(world.ids.fan_ref(), f"unsubscribe:{wanted.brand.key}")
        batch = EmailBatch(
            sender_address=wanted.sender.address,
            sender_name=wanted.brand.name,
            addresses=[address],
            messages=[message],
            tokens=tokens,
            unsubscribe_urls=[world.unsubscribe_url(link)],
            deadline_monotonic=deadline,
        )
        return world.email.send(batch, lambda: True)
    texts = SmsBatch(
        sender_address=wanted.sender.address,
        addresses=[address],
        bodies=[message.body],
        tokens=tokens,
        valid_seconds=[VALID_SECONDS],
        deadline_monotonic=deadline,
    )
    return world.sms.send(texts, lambda: True)


def _told(outcome: Outcome) -> dict[str, object]:
    match outcome:
        case Accepted(provider_id):
            return {"outcome": "accepted", "detail": provider_id}
        case Refused(reason, code):
            return {"outcome": "refused", "detail": f"{reason}{_code(code)}"}
        case NotSent(code=code):
            return {"outcome": "not_sent", "detail": f"the provider took nothing{_code(code)}"}
        case Unknown(why):
            return {"outcome": "unknown", "detail": why}


def _code(code: int | None) -> str:
    return f" (its code {code})" if code is not None else ""
