"""What the practice stage is asked to be, fixed for its whole life."""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from pathlib import Path


class ClockKind(StrEnum):
    """How the lab's time moves."""

    REAL = "real"
    STEPPED = "stepped"


class WorldKind(StrEnum):
    """What stands on the stage when it opens."""

    NONE = "none"
    NIGHT = "night"


class ReportRoute(StrEnum):
    """Where reports and inbound texts go."""

    STREAM = "stream"
    WEBHOOK = "webhook"
    BOTH = "both"


class OptOutKeeper(StrEnum):
    """Who answers STOP, START and HELP: the provider itself (Advanced Opt-Out), or whoever receives the text."""

    PROVIDER = "provider"
    OURS = "ours"


@dataclass(frozen=True, slots=True, kw_only=True)
class LabConfig:
    """One practice stage.

    Ports of 0 take a free one. `start_at` is where the clock begins: required when it is stepped, the
    present when it is real and none is given. The credentials are well known on purpose: nothing here is secret.
    """

    ledger: Path
    port: int = 0
    smtp_port: int = 0
    faults: str = "none"
    seed: int = 1
    fans: int = 1000
    world: WorldKind = WorldKind.NONE
    clock: ClockKind = ClockKind.REAL
    start_at: datetime | None = None
    echo: bool = True
    reports: ReportRoute = ReportRoute.STREAM
    inbound_url: str | None = None
    opt_out_keeper: OptOutKeeper = OptOutKeeper.PROVIDER
    bounce_maildir: Path | None = None
    sms_latency_ms: int = 0
    account_sid: str = "AC" + "0" * 31 + "1"
    auth_token: str = "lab-token"
    api_key: str = "lab-key"
    links_token: str = "lab-links-token"
    client_id: str = "lab-client"
    client_secret: str = "lab-secret"
    discovery_quota_max: int = 5000  # calls a day: the default of the Discovery API

    def __post_init__(self) -> None:
        if self.clock is ClockKind.STEPPED and self.start_at is None:
            raise ValueError("a stepped clock needs an instant to start from")
        if self.start_at is not None and self.start_at.tzinfo is None:
            raise ValueError("start_at must say its time zone")
