"""The lab's own routes: its clock, its ledger, the plan, the night's data, and fans who text."""

from functools import partial

import msgspec

from fanfare.lab import clock, forms
from fanfare.lab.clock import BackwardsError, Clock
from fanfare.lab.discovery import Discovery
from fanfare.lab.fan_texts import FanTexts
from fanfare.lab.http import Exchange, render
from fanfare.lab.judge import Judge
from fanfare.lab.ledger import Ledger, address_hash
from fanfare.lab.routes import RefusedError, Routes
from fanfare.lab.world import Plan, World

ENTRIES_DEFAULT = 1_000
ENTRIES_MAX = 100_000
_NDJSON = "application/x-ndjson"


class _Now(msgspec.Struct):
    now: str


class _Planned(msgspec.Struct):
    to: str
    event_id: str


class _Text(msgspec.Struct):
    sender: str = msgspec.field(name="from")
    to: str
    body: str


class Admin:
    """Serves them."""

    def __init__(
        self,
        *,
        stage_clock: Clock,
        ledger: Ledger,
        judge: Judge,
        plan: Plan,
        world: World,
        discovery: Discovery,
        fan_texts: FanTexts,
    ) -> None:
        self._clock = stage_clock
        self._ledger = ledger
        self._judge = judge
        self._plan = plan
        self._world = world
        self._discovery = discovery
        self._fan_texts = fan_texts

    def add_routes(self, routes: Routes) -> None:
        """Add the lab's routes."""
        routes.add("GET", "/clock", self._tell_time)
        routes.add("PUT", "/clock", self._step)
        routes.add("GET", "/ledger", self._summarise)
        routes.add("GET", "/ledger/entries", self._list_entries)
        routes.add("PUT", "/plan", self._extend_plan)
        routes.add("POST", "/inbound", self._text)
        routes.add("GET", "/world/demands.csv", self._export_demands)
        routes.add("GET", "/world/summary", lambda exchange: exchange.json(200, self._world.summary()))

    def _tell_time(self, exchange: Exchange) -> None:
        due = self._clock.next_second()
        exchange.json(200, {"now": self._clock.stamp(), "next_at": None if due is None else clock.iso(due)})

    def _step(self, exchange: Exchange) -> None:
        try:
            self._clock.step_to(clock.parse_iso(exchange.decode(_Now).now))
        except BackwardsError as backwards:
            raise RefusedError(409, str(backwards)) from backwards
        self._ledger.after_durable(partial(self._tell_time, exchange))

    def _summarise(self, exchange: Exchange) -> None:
        to = forms.parse(exchange.query).get("to")
        to_hash = None if to is None else address_hash(to)
        answer = self._judge.summary(self._last_opening, to_hash)
        self._ledger.after_durable(lambda: exchange.json(200, answer))

    def _last_opening(self, to_hash: str) -> float | None:
        planned = self._plan.events_for(to_hash)
        return self._discovery.last_opening(planned) if planned else None

    def _list_entries(self, exchange: Exchange) -> None:
        asked = forms.parse(exchange.query)
        after = max(0, forms.whole_number(asked, "after", 0))
        limit = max(1, min(forms.whole_number(asked, "limit", ENTRIES_DEFAULT), ENTRIES_MAX))

        def send() -> None:
            exchange.send(render(200, self._ledger.read(after, limit), content_type=_NDJSON))

        self._ledger.after_durable(send)

    def _extend_plan(self, exchange: Exchange) -> None:
        decoder = msgspec.json.Decoder(_Planned)
        planned = decoder.decode_lines(exchange.body)
        for each in planned:
            self._plan.add(address_hash(each.to), each.event_id)
        exchange.json(200, {"planned": len(planned)})

    def _text(self, exchange: Exchange) -> None:
        asked = exchange.decode(_Text)
        text = self._fan_texts.tell(asked.sender, asked.to, asked.body)
        answer = {"messageSid": text.sid, "optOutType": text.opt_out_type}
        self._ledger.after_durable(lambda: exchange.json(201, answer))

    def _export_demands(self, exchange: Exchange) -> None:
        exchange.send(render(200, self._world.demands_csv(), content_type="text/csv; charset=utf-8"))
