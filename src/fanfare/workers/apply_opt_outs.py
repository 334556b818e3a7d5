"""Do what fans text: stop, start, help.

Arrives: inbound texts from the inbox. Leaves: the opt-out recorded before anything else, the fan's waiting rows ended,
the consent ledger told, and one reply in the fan's language unless the provider answered already. START lifts an
opt-out only where a consent is stored. May fail: Transient when the store is out of reach; texts stay in the inbox. A
text that can never be applied is kept sealed beside the dead letters: nobody's STOP waits behind it.
Original name: none.
"""

import logging
from base64 import b64encode
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

import msgspec

from fanfare import telemetry
from fanfare.model.channel import Brand, Channel, Language, Locale, Sender
from fanfare.model.ids import AddressHash, FanId, FanRef
from fanfare.model.instant import to_ms
from fanfare.model.notification import MessageKind, Occasion, OccasionKind, Reason, State
from fanfare.model.report import InboundText
from fanfare.ports.clock import Clock
from fanfare.ports.consents import ConsentEntry, Consents
from fanfare.ports.demands import Demands
from fanfare.ports.faults import Fault, Permanent
from fanfare.ports.ids import Ids
from fanfare.ports.inbox import Inbox
from fanfare.ports.notifications import NewNotifications, Notifications
from fanfare.ports.opt_outs import EVERY_BRAND, OptOut, OptOuts
from fanfare.ports.queues import Queues
from fanfare.ports.vault import Vault
from fanfare.rules import keywords, kinds, phones
from fanfare.rules.keywords import Keyword
from fanfare.telemetry import Fact

logger = logging.getLogger(__name__)

BATCH_MAX = 500
QUARANTINE = "inbound_texts"

Attempt = Callable[[Callable[[InboundText], None], InboundText], Fault | None]
"""Does a piece of work with a text; returns the fault that it ended with."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Ground:
    """The ports that an inbound text meets."""

    inbox: Inbox
    opt_outs: OptOuts
    consents: Consents
    demands: Demands
    notifications: Notifications
    vault: Vault
    clock: Clock
    ids: Ids
    senders: Sequence[Sender]
    brands: Mapping[str, Brand]
    stop_every_brand: bool
    queues: Queues
    attempt: Attempt


@dataclass(frozen=True, slots=True, kw_only=True)
class Heard:
    """One inbound text with what is known of who sent it."""

    text: InboundText
    at: datetime
    """When it was sent; never ahead of our clock, or no later word could ever count."""
    address_hash: AddressHash
    holders: tuple[FanRef, ...]
    sender: Sender | None
    brand: str
    language: Language | None


def run(*, ground: Ground) -> int:
    """Apply what waits in the inbox; return how many texts were handled."""
    up_to, texts = ground.inbox.take_texts(BATCH_MAX)
    for text in texts:
        fault = ground.attempt(lambda one: _apply(one, ground), text)
        if isinstance(fault, Permanent):
            _quarantine(text, fault, ground)
        elif fault is not None:
            raise fault
    if texts:
        ground.inbox.done_texts(up_to)
    return len(texts)


def _quarantine(text: InboundText, fault: Permanent, ground: Ground) -> None:
    sealed = b64encode(ground.vault.seal_text(msgspec.json.encode(text).decode())).decode()
    ground.queues.quarantine(QUARANTINE, sealed, str(fault))
    telemetry.log(logger, Fact.RECORD_QUARANTINED, logging.WARNING, source=QUARANTINE, reason=str(fault))


def _apply(text: InboundText, ground: Ground) -> None:
    reading = keywords.classify(text.body)
    if reading.keyword is Keyword.NONE:
        return
    heard = _heard(text, reading.language, ground)
    match reading.keyword:
        case Keyword.STOP:
            source = "sms_free_text" if reading.free_text else "sms_keyword"
            for scope in _scopes(heard, ground):
                stop(heard.address_hash, Channel.SMS, scope, heard.at, source, ground=ground)
            _reply(MessageKind.OPT_OUT_CONFIRMED, heard, ground)
        case Keyword.START:
            if _start(heard, ground):
                _reply(MessageKind.START_CONFIRMED, heard, ground)
        case Keyword.HELP:
            _reply(MessageKind.HELP, heard, ground)


def _heard(text: InboundText, language: Language | None, ground: Ground) -> Heard:
    (address_hash,) = ground.vault.hash([text.from_address])
    sender = next((one for one in ground.senders if one.address == text.to_address), None)
    sender = sender or next((one for one in ground.senders if one.channel is Channel.SMS), None)
    brand = sender.brands[0] if sender else next(iter(ground.brands))
    return Heard(
        text=text,
        at=min(text.at, ground.clock.now()),
        address_hash=address_hash,
        holders=ground.demands.holders(Channel.SMS, address_hash),
        sender=sender,
        brand=brand,
        language=language,
    )


def _scopes(heard: Heard, ground: Ground) -> tuple[str, ...]:
    """Return what a STOP binds: every brand that speaks from the number, for it does not say which it answers."""
    return (EVERY_BRAND,) if ground.stop_every_brand else _speaking(heard, ground) or (EVERY_BRAND,)


def _speaking(heard: Heard, ground: Ground) -> tuple[str, ...]:
    """Return the brands that speak from the number; none for one of a provider's pool, which may be anybody's."""
    own = [one for one in ground.senders if one.channel is Channel.SMS and one.address == heard.text.to_address]
    return tuple(dict.fromkeys(brand for one in own for brand in one.brands))


def stop(address_hash: AddressHash, channel: Channel, scope: str, at: datetime, source: str, *, ground: Ground) -> None:
    """Record an opt-out, then end what waits for the address. Repeating it changes nothing."""
    ground.opt_outs.record(
        [OptOut(address_hash=address_hash, channel=channel, scope=scope, active=True, at=at, source=source)]
    )
    holders = ground.demands.holders(channel, address_hash)
    ground.consents.append(
        [
            ConsentEntry(
                fan_ref=holders[0] if holders else None,
                channel=channel,
                brand=scope,
                address_hash=address_hash,
                act="opt_out",
                at=at,
                text_id=None,
                source=source,
                locale=None,
            )
        ]
    )
    brand = None if scope == EVERY_BRAND else scope
    for fan_ref in holders:
        ground.notifications.close_fan(
            fan_ref, channel, State.SUPPRESSED, Reason.OPTED_OUT, ground.clock.now(), brand=brand
        )
    telemetry.log(logger, Fact.OPT_OUT_RECORDED, channel=channel, source=source, fans=len(holders))


def _start(heard: Heard, ground: Ground) -> bool:
    """Lift the opt-out of an address that a consent is stored for; return whether it was lifted, now or before.

    A text lifts once: its signature is good for ever, and a copy of an old START must not undo a later STOP.
    """
    entries = ground.consents.of_address(Channel.SMS, heard.address_hash)
    if not any(entry.act == "opt_in" for entry in entries):
        return False
    if any(entry.act == "start" and entry.text_id == heard.text.provider_id for entry in entries):
        return True
    scopes = (EVERY_BRAND, *(_speaking(heard, ground) or (heard.brand,)))
    ground.opt_outs.record(
        [
            OptOut(
                address_hash=heard.address_hash,
                channel=Channel.SMS,
                scope=scope,
                active=False,
                at=heard.at,
                source="start",
            )
            for scope in scopes
        ]
    )
    ground.consents.append(
        [
            ConsentEntry(
                fan_ref=heard.holders[0] if heard.holders else None,
                channel=Channel.SMS,
                brand=heard.brand,
                address_hash=heard.address_hash,
                act="start",
                at=heard.at,
                text_id=heard.text.provider_id,
                source="sms_keyword",
                locale=None,
            )
        ]
    )
    return True


def _reply(kind: MessageKind, heard: Heard, ground: Ground) -> None:
    """Write one reply for this inbound text, in the language it was written in, else the fan's."""
    if heard.text.provider_replied or heard.sender is None or not _is_answerable(heard):
        return
    fan_ref, contact_id = _addressee(heard, ground)
    now = ground.clock.now()
    binding_end = kinds.cut_off_at(kind, made_at=max(heard.text.at, now), opens_at=None)
    ground.notifications.put(
        NewNotifications(
            occasion=Occasion(kind=OccasionKind.INBOUND, name=heard.text.provider_id),
            kind=kind,
            sale_id=None,
            sale_revision=None,
            send_ms=to_ms(now),
            cut_off_ms=to_ms(binding_end),
            late=False,
            fan_refs=[fan_ref],
            contact_ids=[contact_id],
            channels=[Channel.SMS.value],
            brands=[heard.brand],
            senders=[heard.sender.name],
            locales=[_locale(heard, fan_ref, ground).value],
            states=[State.CREATED],
            reasons=[None],
            wake_ms=[to_ms(now)],
        ),
        now,
    )


def _is_answerable(heard: Heard) -> bool:
    """Whether a person may be there: short codes and names answer by themselves, and would be answered for ever."""
    return bool(heard.holders) or phones.normalise(heard.text.from_address, is_national_allowed=False) is not None


def _addressee(heard: Heard, ground: Ground) -> tuple[FanRef, int]:
    """Return whom to answer. A number that nobody demanded with is kept as a stranger, sealed like any other."""
    for fan_ref in heard.holders:
        contact_id = ground.demands.contact_of(fan_ref, Channel.SMS)
        if contact_id is not None:
            return fan_ref, contact_id
    stranger = FanId(f"stranger:{heard.address_hash.hex()}")
    (fan_ref,) = ground.demands.adopt([stranger], [ground.ids.fan_ref()])
    (sealed,) = ground.vault.seal([fan_ref], [heard.text.from_address])
    zones = ",".join(phones.zones(heard.text.from_address))
    return fan_ref, ground.demands.put_contact(
        fan_ref, Channel.SMS, heard.address_hash, sealed, phone_zones=zones, zone=None, region=None
    )


def _locale(heard: Heard, fan_ref: FanRef, ground: Ground) -> Locale:
    stored = next((demand.locale for demand in ground.demands.of_fan(fan_ref) if demand.locale), None)
    if heard.language is Language.FRENCH:
        return Locale.FR_CA
    return stored or Locale.EN_US
