"""``fanfare message``: the words before anybody gets them."""

from typing import Annotated

import typer

from fanfare.doors.cli import frame, screen
from fanfare.doors.cli.exits import CommandError, ExitCode
from fanfare.doors.cli.opening import Opened, opened
from fanfare.model.channel import Brand, Channel, Locale, Sender
from fanfare.model.ids import EventId, SaleId
from fanfare.model.message import EmailMessage, SmsMessage
from fanfare.model.notification import MessageKind
from fanfare.workers.send_notifications import Wanted

app = frame.group("Words: preview a message, send one to yourself.")

EventOption = Annotated[str, typer.Option(help="The event's id.")]
SaleOption = Annotated[str, typer.Option(help="The sale's id.")]
LocaleOption = Annotated[Locale, typer.Option(help="The fan's language.")]
ChannelOption = Annotated[Channel, typer.Option(help="How it travels.")]
BrandOption = Annotated[str | None, typer.Option(help="Who speaks; the first brand where it is left out.")]
CanadaOption = Annotated[bool, typer.Option("--to-canada", help="As a fan in Canada gets it.")]


@frame.command(app, "preview")
def preview(
    ctx: typer.Context,
    *,
    event: EventOption,
    sale: SaleOption,
    locale: LocaleOption = Locale.EN_US,
    channel: ChannelOption = Channel.SMS,
    brand: BrandOption = None,
    to_canada: CanadaOption = False,
) -> None:
    """Render a reminder as a fan would get it. Nothing is sent."""
    desk = frame.of(ctx)
    with opened(desk) as here:
        wanted = _wanted(here, event, sale, locale=locale, channel=channel, brand=brand, to_canada=to_canada)
        message = _rendered(here, wanted)
    desk.answer(_document(message, wanted), lambda: _tell(message))


@frame.command(app, "send-test")
def send_test(
    ctx: typer.Context,
    *,
    to: Annotated[str, typer.Option(metavar="ADDRESS", help="A phone number or an email address of yours.")],
    event: EventOption,
    sale: SaleOption,
    locale: LocaleOption = Locale.EN_US,
    brand: BrandOption = None,
    to_canada: CanadaOption = False,
) -> None:
    """Send one reminder to yourself, through the real channel, once.

    It leaves no row and spends no rate. Refused while live = false, unless the partner is on this machine.
    """
    from fanfare.doors.cli import trial

    desk = frame.of(ctx)
    channel = Channel.EMAIL if "@" in to else Channel.SMS
    with opened(desk) as here:
        wanted = _wanted(here, event, sale, locale=locale, channel=channel, brand=brand, to_canada=to_canada)
        outcome = trial.send(to, _rendered(here, wanted), wanted, here)
    desk.answer(outcome, lambda: screen.line(f"{outcome['outcome']}  {outcome['provider']}  {outcome['detail']}"))
    if outcome["outcome"] != "accepted":
        raise typer.Exit(ExitCode.UNREACHABLE)


def _wanted(
    here: Opened, event: str, sale: str, *, locale: Locale, channel: Channel, brand: str | None, to_canada: bool
) -> Wanted:
    speaker = _brand(here, brand)
    found_event = here.engine.events.get([EventId(event)]).get(EventId(event))
    found_sale = here.engine.sales.get(SaleId(sale))
    if found_event is None or found_sale is None or found_sale.event_id != found_event.event_id:
        what = f"there is no event {event}" if found_event is None else f"event {event} has no sale {sale}"
        raise CommandError(what, fix=f"see: fanfare sale list --event {event}", code=ExitCode.NOT_FOUND)
    return Wanted(
        kind=MessageKind.REMINDER,
        brand=speaker,
        event=found_event,
        sale=found_sale,
        locale=locale,
        to_canada=to_canada,
        sender=_sender(here, speaker, channel),
    )


def _brand(here: Opened, key: str | None) -> Brand:
    brands = here.world.brands
    found = brands.get(key) if key is not None else next(iter(brands.values()), None)
    if found is None:
        raise CommandError(
            f"there is no brand {key}", fix=f"choose one of {', '.join(brands)}", code=ExitCode.NOT_FOUND
        )
    return found


def _sender(here: Opened, brand: Brand, channel: Channel) -> Sender:
    from fanfare.rules import audiences

    found = audiences.sender_of(here.world.senders, brand.key, channel)
    if found is None:
        raise CommandError(
            f"no sender carries {channel} for {brand.key}", fix="add one under [[senders]]", code=ExitCode.REFUSED
        )
    return found


def _rendered(here: Opened, wanted: Wanted) -> SmsMessage | EmailMessage:
    try:
        return here.world.compose(wanted)
    except ValueError as error:
        raise CommandError(
            f"it cannot be rendered: {error}",
            fix="choose a sale with an opening, or mend the brand",
            code=ExitCode.REFUSED,
        ) from error


def _document(message: SmsMessage | EmailMessage, wanted: Wanted) -> dict[str, object]:
    told: dict[str, object] = {"channel": wanted.sender.channel, "brand": wanted.brand.key, "locale": wanted.locale}
    if isinstance(message, EmailMessage):
        return told | {"subject": message.subject, "text": message.text, "html": message.html}
    from fanfare.rules import gsm7

    size = gsm7.inspect(message.body)
    return told | {"body": message.body, "encoding": size.encoding, "units": size.units, "segments": size.segments}


def _tell(message: SmsMessage | EmailMessage) -> None:
    if isinstance(message, EmailMessage):
        screen.line(f"Subject: {message.subject}\n\n{message.text}")
        return
    from fanfare.rules import gsm7

    size = gsm7.inspect(message.body)
    screen.line(f"{message.body}\n\n{size.encoding}  {size.units} units  {size.segments} segment(s)")
