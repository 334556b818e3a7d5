"""Composition root: settings -> world (engine + partners) -> bound routes -> runtime.

Nothing else makes an adapter. A world belongs to one thread: it has its own connections to partners, and the engine
gives each thread its own connection to the store.
"""

from collections.abc import Mapping
from functools import lru_cache
from pathlib import Path

from fanfare.engines.embedded.store import EmbeddedEngine
from fanfare.model.channel import Brand, Channel, Sender
from fanfare.model.ids import SenderName
from fanfare.model.message import EmailMessage, SmsMessage
from fanfare.model.sale import SaleKind
from fanfare.partners.accounts import AccountsConfig, OAuthAccounts
from fanfare.partners.addresses import AddressPolicy
from fanfare.partners.bitly import Bitly, BitlyConfig
from fanfare.partners.bounces import BounceMaildir
from fanfare.partners.discovery import Discovery, DiscoveryConfig
from fanfare.partners.email import EmailConfig, SmtpEmail
from fanfare.partners.http import Http, HttpConfig
from fanfare.partners.redirector import Redirector
from fanfare.partners.report_codes import ProviderCodes
from fanfare.partners.sms import SmsConfig, TwilioSms
from fanfare.partners.sms_stream import SmsStream, SmsStreamConfig
from fanfare.ports.accounts import Accounts
from fanfare.ports.clock import Clock
from fanfare.ports.links import Shortener
from fanfare.ports.report_stream import BounceSource, ReportStream
from fanfare.rules import email_text, sms_text
from fanfare.rules.policy import ReminderPolicy, Suppressions
from fanfare.rules.quiet_hours import AT_ANY_HOUR, QuietPolicy
from fanfare.settings import Settings
from fanfare.topology import World
from fanfare.workers.send_notifications import Compose, Wanted

SECONDS_PER_HOUR = 3600.0
WORDS_KEPT_MAX = 1024
STREAM_BYTES_MAX = 16 << 20


def open_world(engine: EmbeddedEngine, settings: Settings, clock: Clock) -> World:
    """Return a world over an open engine, with partners of its own."""
    addresses = AddressPolicy(live=settings.live, allow_private=settings.allow_private_addresses)
    own_links = Redirector(base_url=settings.public_link_base, redirects=engine.redirects)
    return World(
        clock=clock,
        ids=engine.ids,
        events=engine.events,
        sales=engine.sales,
        demands=engine.demands,
        notifications=engine.notifications,
        plans=engine.plans,
        opt_outs=engine.opt_outs,
        consents=engine.consents,
        vault=engine.vault,
        queues=engine.queues,
        changes=engine.changes,
        checkpoints=engine.checkpoints,
        tokens=engine.tokens,
        cache=engine.cache,
        inbox=engine.inbox,
        redirects=engine.redirects,
        switches=engine.switches,
        upkeep=engine.upkeep,
        measures=engine.measures,
        sms=_sms(settings, addresses, clock),
        email=_email(settings, addresses, clock),
        stream=_stream(settings, addresses, clock),
        bounces=_bounces(settings),
        source=_source(settings, addresses, clock),
        shortener=_shortener(settings, addresses, clock, own_links),
        own_links=own_links,
        accounts=_accounts(settings, addresses, clock),
        codes=ProviderCodes(),
        senders=senders_of(settings),
        brands=brands_of(settings),
        policy=policy_of(settings),
        quiet=AT_ANY_HOUR if settings.policy.quiet_hours == "off" else QuietPolicy(),
        compose=composer(settings),
        unsubscribe_url=lambda token: f"{settings.web.public_url.rstrip('/')}/u/{token}",
        force_event_locale=settings.policy.message_locale == "event",
        stop_every_brand=settings.policy.stop_scope == "all",
        settle_seconds=settings.sms.settle_seconds,
        look_up_seconds=settings.sms.look_up_seconds,
        refresh_minutes=settings.discovery.refresh_minutes,
        event_cache_seconds=settings.policy.event_cache_hours * SECONDS_PER_HOUR,
    )


def senders_of(settings: Settings) -> tuple[Sender, ...]:
    """Return the senders; a burst that is left out is two seconds of the rate."""
    return tuple(
        Sender(
            name=SenderName(each.name),
            channel=Channel(each.channel),
            brands=each.brands,
            address=each.address,
            rate_per_second=each.rate_per_second,
            burst=each.burst or max(1, round(each.rate_per_second * 2)),
            strip_english_accents=each.strip_english_accents,
        )
        for each in settings.senders
    )


def brands_of(settings: Settings) -> Mapping[str, Brand]:
    """Return the brands by their keys."""
    return {
        each.key: Brand(
            key=each.key, name=each.name, contact_url=each.contact_url, postal_address=each.postal_address,
            sale_changed=each.sale_changed, resend_unknown=each.resend_unknown,
        )
        for each in settings.brands
    }  # fmt: skip


def policy_of(settings: Settings) -> ReminderPolicy:
    """Return the reminder policy that the settings say."""
    policy = settings.policy
    leads = {kind: policy.lead_minutes_by_kind.get(kind.value, policy.lead_minutes) for kind in SaleKind}
    return ReminderPolicy(
        lead_minutes_by_kind=leads,
        max_early_minutes=policy.max_early_minutes,
        finish_before_opening_minutes=policy.finish_before_opening_minutes,
        slot_minutes=policy.slot_minutes,
        suppressed=_suppressions(policy.suppressed_artists, policy.suppressed_kinds, policy.keywords),
        suppressed_by_brand={
            brand.key: _suppressions(brand.suppressed_artists, brand.suppressed_kinds, brand.keywords)
            for brand in settings.brands
        },
        countries=policy.countries,
        short_link_wait_seconds=policy.short_link_wait_seconds,
        report_deadline_hours=policy.report_deadline_hours,
    )


def _suppressions(artists: tuple[str, ...], kinds: tuple[str, ...], keywords: tuple[str, ...]) -> Suppressions:
    return Suppressions(
        artists=frozenset(artists), kinds=frozenset(SaleKind(kind) for kind in kinds), keywords=keywords
    )


def composer(settings: Settings) -> Compose:
    """Return what writes messages, with the links that the settings say. The same words are written once."""

    @lru_cache(maxsize=WORDS_KEPT_MAX)
    def compose(wanted: Wanted) -> SmsMessage | EmailMessage:
        brand, event = wanted.brand, wanted.event
        link = (event.short_url or f"{settings.public_link_base}/e/{event.event_id}") if event else None
        if wanted.sender.channel is Channel.EMAIL:
            return email_text.compose(
                wanted.kind, brand=brand, event=event, sale=wanted.sale, locale=wanted.locale, link=link,
                contact_link=brand.contact_url,
            )  # fmt: skip
        return sms_text.compose(
            wanted.kind, brand=brand, event=event, sale=wanted.sale, locale=wanted.locale, link=link,
            contact_link=brand.contact_url if wanted.to_canada else None,
            strip_accents=wanted.sender.strip_english_accents,
        )  # fmt: skip

    return compose


def _http(settings: Settings, addresses: AddressPolicy, clock: Clock) -> Http:
    sms = settings.sms
    config = HttpConfig(
        concurrency=sms.concurrency, connect_seconds=sms.connect_timeout_seconds,
        total_seconds=sms.total_timeout_seconds, policy=addresses,
    )  # fmt: skip
    return Http(config, clock=clock)


def _sms(settings: Settings, addresses: AddressPolicy, clock: Clock) -> TwilioSms:
    config = SmsConfig(
        provider=settings.sms.provider, base_url=settings.sms.base_url, account_sid=settings.sms.account_sid,
        auth_token=settings.sms.auth_token.get_secret_value(), callback_base_url=settings.callback_base,
    )  # fmt: skip
    return TwilioSms(config, http=_http(settings, addresses, clock), clock=clock)


def _stream(settings: Settings, addresses: AddressPolicy, clock: Clock) -> ReportStream | None:
    if settings.sms.reports != "stream":
        return None
    config = SmsStreamConfig(provider=settings.sms.provider, base_url=settings.sms.stream_url or settings.sms.base_url)
    limits = HttpConfig(concurrency=2, total_seconds=20, body_bytes_max=STREAM_BYTES_MAX, policy=addresses)
    return SmsStream(config, http=Http(limits, clock=clock), clock=clock)


def _email(settings: Settings, addresses: AddressPolicy, clock: Clock) -> SmtpEmail:
    email = settings.email
    config = EmailConfig(
        provider=email.provider, host=email.host, port=email.port, security=email.security,
        username=email.username, password=email.password.get_secret_value(), connections=email.connections,
        timeout_seconds=email.timeout_seconds, bounce_domain=email.bounce_domain, policy=addresses,
    )  # fmt: skip
    return SmtpEmail(config, clock=clock)


def _bounces(settings: Settings) -> BounceSource | None:
    where = settings.email.bounce_maildir
    return BounceMaildir(Path(where), provider=settings.email.provider) if where else None


def _source(settings: Settings, addresses: AddressPolicy, clock: Clock) -> Discovery:
    discovery = settings.discovery
    config = DiscoveryConfig(
        base_url=discovery.base_url, api_key=discovery.api_key.get_secret_value(),
        requests_per_second=discovery.requests_per_second, requests_per_day=discovery.requests_per_day,
    )  # fmt: skip
    http = Http(HttpConfig(concurrency=4, total_seconds=discovery.timeout_seconds, policy=addresses), clock=clock)
    return Discovery(config, http=http, clock=clock)


def _shortener(settings: Settings, addresses: AddressPolicy, clock: Clock, own_links: Shortener) -> Shortener:
    links = settings.links
    if links.kind == "redirector":
        return own_links
    config = BitlyConfig(
        base_url=links.bitly_url, token=links.bitly_token.get_secret_value(), domain=links.bitly_domain,
        group_guid=links.bitly_group,
    )  # fmt: skip
    http = Http(HttpConfig(concurrency=4, total_seconds=10, policy=addresses), clock=clock)
    return Bitly(config, http=http, clock=clock)


def _accounts(settings: Settings, addresses: AddressPolicy, clock: Clock) -> Accounts | None:
    accounts = settings.accounts
    if accounts.base_url is None or accounts.issuer_url is None:
        return None
    config = AccountsConfig(
        base_url=accounts.base_url, issuer_url=accounts.issuer_url, client_id=accounts.client_id,
        client_secret=accounts.client_secret.get_secret_value(),
    )  # fmt: skip
    http = Http(HttpConfig(concurrency=4, total_seconds=10, policy=addresses), clock=clock)
    return OAuthAccounts(config, http=http, clock=clock)
