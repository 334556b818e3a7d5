"""Puts the stage together: one object of each kind, and who knows whom."""

import asyncio

from fanfare.lab import clock, faults
from fanfare.lab.accounts import Accounts
from fanfare.lab.admin import Admin
from fanfare.lab.attempts import Attempts
from fanfare.lab.config import ClockKind, LabConfig, WorldKind
from fanfare.lab.dice import Dice
from fanfare.lab.discovery import Discovery
from fanfare.lab.fan_texts import FanTexts
from fanfare.lab.judge import Judge
from fanfare.lab.ledger import Entry, Kind, Ledger
from fanfare.lab.links import Links
from fanfare.lab.mail import Mail
from fanfare.lab.reports import Reports
from fanfare.lab.routes import Routes
from fanfare.lab.sms import Sms
from fanfare.lab.stream import Stream
from fanfare.lab.webhooks import Webhooks
from fanfare.lab.world import Plan, World


class Stage:
    """Everything but the sockets. Needs a running event loop."""

    def __init__(self, config: LabConfig) -> None:
        self._wanted = faults.parse(config.faults)
        self._config = config
        self._clock = _clock(config)
        self._dice = Dice(config.seed, self._wanted)
        self._judge = Judge()
        self._attempts = Attempts()
        self._told = 0
        self._ledger = Ledger(config.ledger, self._judge.follow)
        self._ledger.reload(self._remember)
        self._ledger.append(Entry(seq=self._ledger.next_seq(), kind=Kind.STARTED, at=self._clock.stamp()))
        self._webhooks = Webhooks(config.auth_token)
        self._stream = Stream(told_before=self._told, after_durable=self._ledger.after_durable)

    def open(self) -> tuple[Routes, Mail]:
        """Return what the two servers serve."""
        routes = Routes()
        world = self._world()
        discovery = self._discovery(world)
        fan_texts = FanTexts(
            self._config,
            stage_clock=self._clock,
            ledger=self._ledger,
            stream=self._stream,
            webhooks=self._webhooks,
        )
        admin = Admin(
            stage_clock=self._clock,
            ledger=self._ledger,
            judge=self._judge,
            plan=Plan(world.plan()),
            world=world,
            discovery=discovery,
            fan_texts=fan_texts,
        )
        accounts = Accounts(self._config, stage_clock=self._clock, dice=self._dice, world_account=world.account)
        links = Links(self._config, stage_clock=self._clock, dice=self._dice)
        for part in (self._sms(fan_texts), discovery, links, accounts, admin):
            part.add_routes(routes)
        routes.add("GET", "/stream", self._stream.serve)
        return routes, self._mail()

    async def close(self) -> None:
        """Stop time, drop calls, close the ledger."""
        self._clock.stop()
        await self._webhooks.stop()
        self._ledger.close()

    def _remember(self, entry: Entry) -> None:
        self._attempts.follow(entry)
        self._told = max(self._told, entry.stream_seq)

    def _world(self) -> World:
        if self._config.world is WorldKind.NONE:
            return World()
        return World(seed=self._config.seed, fan_count=self._config.fans, start_seconds=self._clock.seconds())

    def _discovery(self, world: World) -> Discovery:
        discovery = Discovery(self._config, stage_clock=self._clock, dice=self._dice)
        for event in world.events():
            discovery.put(event)
        world.plan_turns(self._clock, discovery.put)
        return discovery

    def _sms(self, fan_texts: FanTexts) -> Sms:
        reports = Reports(
            stage_clock=self._clock,
            ledger=self._ledger,
            stream=self._stream,
            webhooks=self._webhooks,
            route=self._config.reports,
            account_sid=self._config.account_sid,
            echo=self._config.echo,
        )
        return Sms(
            self._config,
            stage_clock=self._clock,
            dice=self._dice,
            outages=self._wanted.outages,
            ledger=self._ledger,
            judge=self._judge,
            attempts=self._attempts,
            reports=reports,
            fan_texts=fan_texts,
        )

    def _mail(self) -> Mail:
        return Mail(
            self._config, stage_clock=self._clock, dice=self._dice, ledger=self._ledger, attempts=self._attempts
        )


def _clock(config: LabConfig) -> clock.Clock:
    if config.clock is ClockKind.STEPPED and config.start_at is not None:
        return clock.SteppedClock(config.start_at)
    return clock.RealClock(asyncio.get_running_loop(), config.start_at)
