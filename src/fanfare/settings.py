"""One frozen ``Settings``, read once from ``fanfare.toml`` and the environment.

The environment wins over the file, the file over the defaults. ``FANFARE_SMS__BASE_URL`` is ``[sms] base_url``. A key
that nobody knows is an error that names its place and the nearest known key; nothing is ignored silently.
"""

import difflib
import json
import os
import tomllib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal, Self, cast

from pydantic import BaseModel, ConfigDict, Field, SecretStr, ValidationError, field_validator, model_validator

ENVIRONMENT_PREFIX = "FANFARE_"
RESERVED_ENVIRONMENT = frozenset(
    f"FANFARE_{name}" for name in ("DATA", "KEY_FILE", "CONFIG", "API_KEY", "PYTHON", "SUPERVISOR")
)
"""Variables that are no settings; docs/reference/settings.md says whose they are."""

Part = dict[str, Any]


class _Section(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")


class WebSettings(_Section):
    """The web door."""

    host: str = "127.0.0.1"
    port: int = Field(default=8080, ge=0, le=65535)
    public_url: str = "http://127.0.0.1:8080"
    """How the outside reaches us: signatures are checked against it, links are made from it."""
    webhook_url: str | None = None
    """Base of callback addresses given to providers; ``public_url`` where it is left out."""
    graphql_introspection: bool = False


class DiscoverySettings(_Section):
    """The Discovery API."""

    base_url: str = "https://app.ticketmaster.com/discovery/v2"
    api_key: SecretStr = SecretStr("")
    requests_per_second: float = Field(default=5, gt=0)
    requests_per_day: int = Field(default=5000, gt=0)
    refresh_minutes: int = Field(default=60, gt=0)
    """How old an event with demand may grow before the source is asked again."""
    timeout_seconds: float = Field(default=10, gt=0, le=25)


class SmsSettings(_Section):
    """The SMS service."""

    provider: str = "twilio"
    base_url: str = "https://api.twilio.com"
    account_sid: str = ""
    auth_token: SecretStr = SecretStr("")
    former_auth_tokens: tuple[SecretStr, ...] = ()
    """Still accepted on webhooks while a token is rotated."""
    reports: Literal["webhook", "stream"] = "webhook"
    stream_url: str | None = None
    """Where reports are streamed from; ``base_url`` where it is left out."""
    concurrency: int = Field(default=64, ge=1, le=400)
    """Connections at once. 64 carry 640 texts a second at 100 ms an answer; more of them cost more CPU a text."""
    connect_timeout_seconds: float = Field(default=3, gt=0, le=30)
    total_timeout_seconds: float = Field(default=20, gt=0, le=25)
    """An attempt ends within 30 s, its up to 5 s before the call included (PERF-003)."""
    settle_seconds: float = Field(default=60, ge=0)
    """How long after its intent a row that nobody settled may be looked at."""
    look_up_seconds: float = Field(default=10, ge=0)
    """Wait between two look-ups of an attempt of unknown outcome."""


class EmailSettings(_Section):
    """The mail server."""

    provider: str = "smtp"
    host: str = "127.0.0.1"
    port: int = Field(default=587, ge=1, le=65535)
    security: Literal["starttls", "tls", "none"] = "starttls"
    username: str = ""
    password: SecretStr = SecretStr("")
    connections: int = Field(default=4, ge=1, le=64)
    timeout_seconds: float = Field(default=15, gt=0, le=25)
    bounce_domain: str | None = None
    """Domain of return paths (``bounce+<attempt>@...``); the sender's own where it is left out."""
    bounce_maildir: str | None = None
    """Maildir into which the mail server delivers returned mail."""


class LinkSettings(_Section):
    """Who makes short links."""

    kind: Literal["redirector", "bitly"] = "redirector"
    base_url: str | None = None
    """Base of our own short links; ``web.public_url`` where it is left out."""
    bitly_url: str = "https://api-ssl.bitly.com/v4"
    bitly_token: SecretStr = SecretStr("")
    bitly_domain: str = "bit.ly"
    bitly_group: str | None = None


class AccountSettings(_Section):
    """The account service."""

    base_url: str | None = None
    issuer_url: str | None = None
    client_id: str = ""
    client_secret: SecretStr = SecretStr("")


class SenderSettings(_Section):
    """One ``[[senders]]`` entry."""

    name: str
    channel: Literal["sms", "email"]
    brands: tuple[str, ...] = Field(min_length=1)
    address: str
    rate_per_second: float = Field(gt=0)
    burst: int | None = Field(default=None, ge=1)
    """Two seconds of the rate where it is left out."""
    strip_english_accents: bool = False


class BrandSettings(_Section):
    """One ``[[brands]]`` entry."""

    key: str = Field(pattern=r"^[a-z][a-z0-9_-]{0,31}$")
    name: str
    contact_url: str
    postal_address: str = ""
    sale_changed: bool = False
    resend_unknown: bool = False
    suppressed_artists: tuple[str, ...] = ()
    suppressed_kinds: tuple[str, ...] = ()
    keywords: tuple[str, ...] = ()


class PolicySettings(_Section):
    """What is sent, when, and to whom not."""

    message_locale: Literal["fan", "event"] = "fan"
    lead_minutes: int = Field(default=30, ge=1)
    lead_minutes_by_kind: Mapping[str, int] = {}
    max_early_minutes: int = Field(default=120, ge=0)
    finish_before_opening_minutes: int = Field(default=5, ge=0)
    slot_minutes: int = Field(default=30, ge=1)
    suppressed_artists: tuple[str, ...] = ()
    suppressed_kinds: tuple[str, ...] = ()
    keywords: tuple[str, ...] = ("registration",)
    countries: tuple[str, ...] = ("US", "CA")
    short_link_wait_seconds: int = Field(default=120, ge=0)
    stop_scope: Literal["all", "brand"] = "all"
    quiet_hours: Literal["law", "off"] = "law"
    """``off`` lets texts out at any hour, for practice by night; refused while ``live`` is true."""
    report_deadline_hours: int = Field(default=36, ge=1)
    event_cache_hours: float = Field(default=24, gt=0)


class TelemetrySettings(_Section):
    """Where traces go; nothing leaves unless an address is given."""

    otlp_url: str | None = None
    service_name: str = "fanfare"
    log_level: Literal["debug", "info", "warning", "error"] = "info"


class Settings(_Section):
    """Everything that can be set."""

    live: bool = False
    """False: only partners on this machine's own loopback addresses are spoken to."""
    allow_private_addresses: bool = False
    web: WebSettings = WebSettings()
    discovery: DiscoverySettings = DiscoverySettings()
    sms: SmsSettings = SmsSettings()
    email: EmailSettings = EmailSettings()
    links: LinkSettings = LinkSettings()
    accounts: AccountSettings = AccountSettings()
    policy: PolicySettings = PolicySettings()
    telemetry: TelemetrySettings = TelemetrySettings()
    senders: tuple[SenderSettings, ...] = ()
    brands: tuple[BrandSettings, ...] = ()

    @field_validator("senders")
    @classmethod
    def _sender_names_differ(cls, senders: tuple[SenderSettings, ...]) -> tuple[SenderSettings, ...]:
        names = [sender.name for sender in senders]
        if len(set(names)) != len(names):
            raise ValueError("two [[senders]] have the same name; give each its own")
        return senders

    @model_validator(mode="after")
    def _nobody_is_woken(self) -> Self:
        if self.live and self.policy.quiet_hours == "off":
            raise ValueError("policy.quiet_hours is off while live is true; real fans are not texted at night")
        return self

    @property
    def public_link_base(self) -> str:
        """Base address of our own short links."""
        return (self.links.base_url or self.web.public_url).rstrip("/")

    @property
    def callback_base(self) -> str:
        """Base address that providers call back."""
        return (self.web.webhook_url or self.web.public_url).rstrip("/")


class SettingsError(Exception):
    """The settings cannot be used; the message names place, reason and fix for each mistake."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Loaded:
    """Settings and where each value came from."""

    settings: Settings
    origins: Mapping[str, str]
    """Dotted key -> ``default``, the file's name, or the variable's name."""


def load(data_dir: Path, environment: Mapping[str, str] | None = None) -> Loaded:
    """Read the settings of a data directory.

    Args:
        data_dir: where ``fanfare.toml`` lies; ``FANFARE_CONFIG`` names another file.
        environment: variables to read instead of the process's own.

    Raises:
        SettingsError: a file that is no TOML, an unknown key, or a value out of its range.
    """
    env = dict(os.environ if environment is None else environment)
    path = Path(env.get("FANFARE_CONFIG") or data_dir / "fanfare.toml")
    from_file = _read_file(path)
    from_environment = _read_environment(env)
    merged = _merge(from_file, from_environment)
    try:
        settings = Settings.model_validate(merged)
    except ValidationError as error:
        raise SettingsError(_explain(error, path, from_environment)) from error
    return Loaded(settings=settings, origins=_origins(settings, path, from_file, from_environment))


def public_values(settings: Settings) -> dict[str, object]:
    """Return every setting by its dotted key, secrets as ``********``."""
    return dict(_flatten(settings.model_dump(mode="json")))


def _read_file(path: Path) -> Part:
    if not path.exists():
        return {}
    try:
        return tomllib.loads(path.read_text(encoding="utf-8"))
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise SettingsError(
            f"{path.name}: not valid TOML: {error}. Mend the line, or start from 'fanfare init'."
        ) from error


def _read_environment(env: Mapping[str, str]) -> Part:
    found: Part = {}
    for name, value in sorted(env.items()):
        if not name.startswith(ENVIRONMENT_PREFIX) or name in RESERVED_ENVIRONMENT:
            continue
        *sections, key = name.removeprefix(ENVIRONMENT_PREFIX).lower().split("__")
        place = found
        for section in sections:
            place = cast("Part", place.setdefault(section, {}))
        place[key] = _decoded(value)
    return found


def _decoded(value: str) -> object:
    if value[:1] not in "[{":
        return value
    try:
        return json.loads(value)
    except json.JSONDecodeError:
        return value


def _merge(below: Part, above: Part) -> Part:
    merged = dict(below)
    for key, value in above.items():
        if isinstance(value, dict) and isinstance(merged.get(key), dict):
            merged[key] = _merge(cast("Part", merged[key]), cast("Part", value))
        else:
            merged[key] = value
    return merged


def _flatten(part: object, prefix: str = "") -> Iterator[tuple[str, object]]:
    if isinstance(part, dict) and part:
        for key, value in cast("Part", part).items():
            yield from _flatten(value, f"{prefix}{key}.")
    elif isinstance(part, list | tuple) and part and isinstance(part[0], dict):
        for index, value in enumerate(cast("list[object]", part)):
            yield from _flatten(value, f"{prefix}{index}.")
    else:
        yield prefix.removesuffix("."), part


def _origins(settings: Settings, path: Path, from_file: Part, from_environment: Part) -> dict[str, str]:
    in_file = {key for key, _ in _flatten(from_file)}
    in_environment = {key for key, _ in _flatten(from_environment)}
    origins: dict[str, str] = {}
    for key in public_values(settings):
        if key in in_environment:
            origins[key] = ENVIRONMENT_PREFIX + key.upper().replace(".", "__")
        else:
            origins[key] = path.name if key in in_file else "default"
    return origins


def _explain(error: ValidationError, path: Path, from_environment: Part) -> str:
    in_environment = {key for key, _ in _flatten(from_environment)}
    lines: list[str] = []
    for detail in error.errors():
        key = ".".join(str(part) for part in detail["loc"])
        place = (
            f"environment {ENVIRONMENT_PREFIX}{key.upper().replace('.', '__')}" if key in in_environment else path.name
        )
        reason = "unknown key" + _nearest(key) if detail["type"] == "extra_forbidden" else detail["msg"]
        lines.append(f"{place}: {key}: {reason}")
    return "\n".join(lines)


def _nearest(key: str) -> str:
    known = [name for name, _ in _flatten(Settings().model_dump(mode="json"))] + list(Settings.model_fields)
    known += [f"senders.0.{name}" for name in SenderSettings.model_fields]
    known += [f"brands.0.{name}" for name in BrandSettings.model_fields]
    close = difflib.get_close_matches(key, known, n=1, cutoff=0.6)
    return f"; did you mean {close[0]}?" if close else "; see docs/reference/settings.md"
