"""A whole stage: the product over an engine in memory, the practice stage's servers, and one clock moved by hand.

Everything is real but time: texts leave over HTTP, mails over SMTP, reports come back by stream, and the lab's ledger
tells what arrived. Both clocks move together, to the next instant at which anything is due.
"""

import json
from collections import Counter
from collections.abc import Generator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any, cast
from urllib.parse import quote

from fanfare import wiring
from fanfare.engines.embedded.clock import SteppedClock
from fanfare.engines.embedded.ids import SeededIds
from fanfare.engines.embedded.store import EmbeddedEngine
from fanfare.lab.background import running
from fanfare.lab.config import ClockKind, LabConfig, OptOutKeeper
from fanfare.model.channel import Channel
from fanfare.model.demand import DemandRequest
from fanfare.model.ids import EventId, FanRef, SaleId
from fanfare.model.notification import MessageKind, Notification, State
from fanfare.model.sale import Sale
from fanfare.partners.email import SmtpEmail
from fanfare.runtime import Runtime
from fanfare.settings import Settings
from fanfare.topology import World, event_store, opt_in_ground, routes
from fanfare.workers import record_demands
from tests.builders import NOW, PUBLIC, a_fan, a_phone
from tests.lab.calls import BASIC, MESSAGES, Caller

STEPS_MAX = 20_000
SECOND = timedelta(seconds=1)
PACE = timedelta(seconds=2)
STRIDE = timedelta(minutes=2)


@dataclass(kw_only=True)
class Stage:
    """What a story is told on."""

    engine: EmbeddedEngine
    clock: SteppedClock
    lab: Caller
    settings: Settings
    mail_dir: Path
    world: World = field(init=False)
    runtime: Runtime = field(init=False)
    worlds: list[World] = field(default_factory=list[World])

    def __post_init__(self) -> None:
        self.restart()

    def restart(self) -> None:
        """Begin with a new process over the same store: what the old one held in memory is gone."""
        self.world, self.runtime = self.another()

    def another(self) -> tuple[World, Runtime]:
        """Return a second process over the same store."""
        world = wiring.open_world(self.engine, self.settings, self.clock)
        self.worlds.append(world)
        return world, Runtime(routes(world), world)

    def close(self) -> None:
        """Hang up on the mail server."""
        for world in self.worlds:
            assert isinstance(world.email, SmtpEmail)
            world.email.close()

    @property
    def now(self) -> datetime:
        return self.clock.now()

    def announce(self, listing: Mapping[str, Any]) -> None:
        """Let the source list an event. Fanfare hears of it at ``hear_of``, or when it refreshes."""
        answer = self.lab.put(f"/discovery/v2/events/{listing['id']}.json", listing)
        assert answer.status == 200, answer.body

    def hear_of(self, listing: Mapping[str, Any]) -> None:
        """Announce an event and import it."""
        self.announce(listing)
        found = self.world.source.get(EventId(listing["id"]))
        assert found is not None
        event_store(self.world)([found])

    def opt_in(self, *requests: DemandRequest) -> None:
        """Store opt-ins, and tell the lab who waits for what, so that it can tell what is too late."""
        record_demands.run(requests, ground=opt_in_ground(self.world))
        lines = [{"to": each.address, "event_id": each.event_id} for each in requests if each.event_id]
        self.lab.call("PUT", "/plan", "\n".join(map(json.dumps, lines)))

    def settle(self) -> None:
        """Let everything happen that happens now."""
        while self.runtime.run_until_idle():
            self._step_lab()

    def pass_time(self, *, minutes: float = 0, seconds: float = 0) -> None:
        """Live through a stretch of time."""
        self.live_until(self.now + timedelta(minutes=minutes, seconds=seconds))

    def live_until(self, until: datetime) -> None:
        """Live until an instant, stopping wherever anything is due."""
        for _ in range(STEPS_MAX):
            lab_next = self._step_lab()
            if self.runtime.run_until_idle():
                continue
            if self.now >= until:
                return
            self.clock.advance_to(min(until, self._next_stop(lab_next)))
        raise AssertionError("the night does not end")

    def _next_stop(self, lab_next: datetime | None) -> datetime:
        """The next instant at which a row, a message or the lab wants attention; ticks are met every other minute."""
        wanted = (self.world.notifications.next_wake_at(), self.world.queues.next_visible_at(), lab_next)
        due = [at for at in wanted if at is not None]
        is_waiting_for_tokens = any(at <= self.now for at in due) and self.world.switches.paused() is None
        ahead = [at for at in due if at > self.now]
        stride = PACE if is_waiting_for_tokens else STRIDE
        return max(_whole(min([*ahead, self.now + stride])), self.now + SECOND)

    def sleep(self, *, hours: float = 0, minutes: float = 0) -> None:
        """Let time pass with Fanfare down."""
        self.clock.advance(seconds=hours * 3600 + minutes * 60)
        self._step_lab()

    def sale(self, sale_id: SaleId = PUBLIC) -> Sale:
        found = self.world.sales.get(sale_id)
        assert found is not None
        return found

    def fan_ref(self, number: int = 1) -> FanRef:
        return self.world.demands.fan_refs([a_fan(number)])[a_fan(number)]

    def rows(self, number: int = 1) -> tuple[Notification, ...]:
        """Every row of a fan, oldest first."""
        return self.world.notifications.of_fan(self.fan_ref(number), 100)[::-1]

    def row(
        self,
        number: int = 1,
        *,
        sale_id: SaleId = PUBLIC,
        channel: Channel = Channel.SMS,
        kind: MessageKind = MessageKind.REMINDER,
    ) -> Notification:
        """A fan's one row of a kind for a sale."""
        rows = self.world.notifications.of_sale_fan(sale_id, self.fan_ref(number))
        (row,) = [row for row in rows if row.channel is channel and row.kind is kind]
        return row

    def ends(self, sale_id: SaleId | None = PUBLIC) -> Counter[str]:
        """Rows of a sale by ``STATE`` or ``STATE(reason)``."""
        found: Counter[str] = Counter()
        for row in self.every_row(sale_id):
            found[f"{row.state}({row.reason})" if row.reason else row.state.value] += 1
        return found

    def every_row(self, sale_id: SaleId | None = PUBLIC) -> tuple[Notification, ...]:
        ids = self.engine.store.rows("SELECT id FROM notification ORDER BY id")
        rows = [row for each in ids if (row := self.world.notifications.get(each[0]))]
        return tuple(row for row in rows if sale_id is None or row.occasion.name == sale_id)

    def texts(self, number: int = 1) -> list[str]:
        """The bodies of the texts that the provider took for a fan, oldest first."""
        listed = self.lab.get(f"{MESSAGES}?To={quote(a_phone(number))}&PageSize=1000", BASIC).json["messages"]
        return [each["body"] for each in reversed(listed)]

    def ledger(self, to: str | None = None) -> Any:  # noqa: ANN401 - a test reads what it expects
        """What the lab took and judged: ``accepted``, ``duplicates``, ``after_sale_start``, ``after_opt_out``."""
        return self.lab.ledger(to)

    def live_states(self) -> set[State]:
        """States of rows that still want attention."""
        return {row.state for row in self.every_row(None) if not row.is_ended}

    def _step_lab(self) -> datetime | None:
        due = self.lab.step(self.now.astimezone(UTC).isoformat()).json["next_at"]
        return datetime.fromisoformat(due) if due else None


def settings_for(base_url: str, smtp_port: int, mail_dir: Path, **changed: Mapping[str, Any]) -> Settings:
    """Every partner is the lab; ``changed`` holds sections with what is different in them."""
    senders = [
        {"name": "sms", "channel": "sms", "address": "+15005550006", "rate_per_second": 100},
        {"name": "email", "channel": "email", "address": "alerts@fanfare.example", "rate_per_second": 100},
    ]
    contact = {"ticketmaster": "https://tm.example/c", "livenation": "https://ln.example/c"}
    names = {"ticketmaster": "Ticketmaster", "livenation": "Live Nation"}
    account = {"account_sid": "AC" + "0" * 31 + "1", "auth_token": "lab-token"}
    sections: dict[str, Any] = {
        "sms": {"provider": "lab", "base_url": base_url, "reports": "stream", "total_timeout_seconds": 0.5, **account},
        "email": {
            "provider": "lab-mail",
            "port": smtp_port,
            "security": "none",
            "bounce_maildir": str(mail_dir),
            "bounce_domain": "bounces.example.test",
            "timeout_seconds": 5,
        },
        "discovery": {
            "base_url": f"{base_url}/discovery/v2",
            "api_key": "lab-key",
            "requests_per_second": 1000,
            "refresh_minutes": 5,
        },
        "links": {
            "base_url": "https://fanf.example",
            "bitly_url": f"{base_url}/v4",
            "bitly_token": "lab-links-token",
            "bitly_domain": "tix.test",
        },
        "accounts": {
            "base_url": base_url,
            "issuer_url": base_url,
            "client_id": "lab-client",
            "client_secret": "lab-secret",
        },
        "policy": {"report_deadline_hours": 1},
        "brands": {key: {"key": key, "name": names[key], "contact_url": url} for key, url in contact.items()},
        "senders": {each["name"]: {"brands": list(contact), **each} for each in senders},
    }
    for name, values in changed.items():
        sections[name] = _merged(sections.get(name, {}), values)
    return Settings.model_validate(sections | {name: list(sections[name].values()) for name in ("brands", "senders")})


@contextmanager
def staged(
    folder: Path, *, faults: str = "none", seed: int = 1, lab: Mapping[str, Any] | None = None,
    **changed: Mapping[str, Any],
) -> Generator[Stage]:  # fmt: skip
    """Run a stage for as long as the block lasts."""
    mail_dir = folder / "bounces"
    config = LabConfig(
        ledger=folder / "ledger.ndjson",
        faults=faults,
        seed=seed,
        clock=ClockKind.STEPPED,
        start_at=NOW,
        bounce_maildir=mail_dir,
        opt_out_keeper=OptOutKeeper.OURS,
    )
    clock = SteppedClock(NOW)
    engine = EmbeddedEngine.temporary(clock=clock, ids=SeededIds(1))
    try:
        with running(replace(config, **(lab or {}))) as address:
            stage = Stage(
                engine=engine,
                clock=clock,
                lab=Caller(address.base_url, address.smtp_port),
                settings=settings_for(address.base_url, address.smtp_port, mail_dir, **changed),
                mail_dir=mail_dir,
            )
            yield stage
            stage.close()
    finally:
        engine.close()


def _merged(below: Mapping[str, Any], above: Mapping[str, Any]) -> dict[str, Any]:
    merged = dict(below)
    for key, value in above.items():
        is_section = isinstance(value, Mapping)
        merged[key] = _merged(merged.get(key, {}), cast("Mapping[str, Any]", value)) if is_section else value
    return merged


def _whole(at: datetime) -> datetime:
    return at if at.microsecond == 0 else at.replace(microsecond=0) + SECOND
