"""The SMS provider: takes, shows and looks up texts, in Twilio's words."""

import asyncio
from base64 import b64encode
from functools import partial
from hashlib import sha256

from fanfare.lab import clock, forms, sms_form
from fanfare.lab.archive import Archive
from fanfare.lab.attempts import Attempts
from fanfare.lab.config import LabConfig
from fanfare.lab.dice import Dice, NumberDraw, TextDraw
from fanfare.lab.failures import ACCEPTING, fail_after, fail_before, server_error
from fanfare.lab.fan_texts import FanTexts
from fanfare.lab.faults import Fault, Outage
from fanfare.lab.http import Exchange, render_json
from fanfare.lab.itinerary import Journey
from fanfare.lab.judge import Judge
from fanfare.lab.ledger import Entry, Kind, Ledger, address_hash
from fanfare.lab.messages import Message, Status, resource
from fanfare.lab.reports import Reports
from fanfare.lab.routes import Routes, Serve
from fanfare.lab.sms_form import SmsError, TextRequest

_EARLY_SECONDS = 0.05  # real: how long an answer waits so that its first report can overtake it
_REFUSALS = {Fault.BAD_NUMBER: sms_form.INVALID_TO, Fault.NOT_MOBILE: sms_form.NOT_MOBILE}


class Sms:
    """Serves `/2010-04-01/Accounts/{account}/Messages`."""

    def __init__(
        self,
        config: LabConfig,
        *,
        stage_clock: clock.Clock,
        dice: Dice,
        outages: tuple[Outage, ...],
        ledger: Ledger,
        judge: Judge,
        attempts: Attempts,
        reports: Reports,
        fan_texts: FanTexts,
    ) -> None:
        self._config = config
        self._clock = stage_clock
        self._began_at = stage_clock.seconds()
        self._dice = dice
        self._outages = outages
        self._ledger = ledger
        self._judge = judge
        self._attempts = attempts
        self._reports = reports
        self._fan_texts = fan_texts
        self._archive = Archive(config.account_sid)
        pair = f"{config.account_sid}:{config.auth_token}".encode()
        self._credentials = b"Basic " + b64encode(pair)
        for outage in outages:  # so that a stepped clock stops at both ends
            stage_clock.at(self._began_at + outage.from_seconds, _nothing)
            stage_clock.at(self._began_at + outage.from_seconds + outage.length_seconds, _nothing)

    def add_routes(self, routes: Routes) -> None:
        """Add the provider's routes."""
        path = f"/2010-04-01/Accounts/{self._config.account_sid}/Messages"
        routes.add("POST", f"{path}.json", self._guarded(self._create))
        routes.add("GET", f"{path}.json", self._guarded(self._archive.look_up))
        routes.add("GET", path + "/{sid}.json", self._guarded(self._archive.show))
        routes.add("POST", "/2010-04-01/Accounts/{account}/Messages.json", sms_form.UNAUTHORIZED.answer)
        routes.add("GET", "/2010-04-01/Accounts/{account}/Messages.json", sms_form.UNAUTHORIZED.answer)

    def _guarded(self, serve: Serve) -> Serve:
        def guarded(exchange: Exchange) -> None:
            if exchange.header(b"authorization") != self._credentials:
                sms_form.UNAUTHORIZED.answer(exchange)
            elif self._outages and self._is_out():
                exchange.send(server_error(503, 0))
            else:
                serve(exchange)

        return guarded

    def _is_out(self) -> bool:
        elapsed_seconds = self._clock.seconds() - self._began_at
        return any(outage.covers(elapsed_seconds) for outage in self._outages)

    def _create(self, exchange: Exchange) -> None:
        request = sms_form.check(forms.parse(exchange.body))
        if isinstance(request, SmsError):
            request.answer(exchange)
            return
        to_hash, body_digest = address_hash(request.to), sha256(request.body.encode())
        nth = self._attempts.next(to_hash, body_digest.hexdigest())
        draw = self._dice.text(request.to, body_digest.digest(), nth)
        if draw.call is not None and draw.call not in ACCEPTING:
            fail_before(exchange, draw.call, entropy=draw.entropy, now_seconds=self._clock.seconds())
            return
        number = self._dice.number(request.to)
        refusal = self._refusal(request.to, number)
        if refusal is not None:
            refusal.answer(exchange)
            return
        self._enter(to_hash, body_digest.digest(), nth, draw)
        self._accept(exchange, request, draw, number)

    def _refusal(self, to: str, number: NumberDraw) -> SmsError | None:
        if self._fan_texts.is_blocked(to, number):
            return sms_form.OPTED_OUT
        return None if number.flaw is None else _REFUSALS.get(number.flaw)

    def _enter(self, to_hash: str, body_sha256: bytes, nth: int, draw: TextDraw) -> None:
        now = self._clock.seconds()
        self._ledger.append(
            Entry(
                seq=self._ledger.next_seq(),
                kind=Kind.ACCEPTED,
                at=clock.iso_millis(now),
                sid=_sid(draw),
                to_hash=to_hash,
                body_sha256=body_sha256.hex(),
                nth=nth,
                reply=self._judge.is_reply(to_hash, body_sha256, now),
            )
        )

    def _accept(self, exchange: Exchange, request: TextRequest, draw: TextDraw, number: NumberDraw) -> None:
        message = self._message(request, draw)
        self._archive.keep(message)
        answer = render_json(201, resource(message, self._config.account_sid))
        journey = Journey(
            flaw=None if number.flaw is Fault.OPTED_OUT else number.flaw,
            road=draw.road,
            report=draw.report,
            validity_seconds=message.validity_seconds,
            through_service=message.service_sid is not None,
            entropy=draw.entropy,
        )
        self._reports.plan(message, journey, partial(self._fan_texts.after_delivery, message, number))
        self._ledger.after_durable(partial(self._answer, exchange, answer, draw))

    def _message(self, request: TextRequest, draw: TextDraw) -> Message:
        now = self._clock.seconds()
        return Message(
            sid=_sid(draw),
            to=request.to,
            sender=request.sender,
            service_sid=request.service_sid,
            body=request.body,
            status_callback=request.status_callback,
            validity_seconds=request.validity_seconds,
            created_at=now,
            updated_at=now,
            status=Status.ACCEPTED if request.service_sid else Status.QUEUED,
        )

    def _answer(self, exchange: Exchange, answer: bytes, draw: TextDraw) -> None:
        early_seconds = _EARLY_SECONDS if draw.report is Fault.REPORT_EARLY else 0.0
        wait_seconds = self._config.sms_latency_ms / 1000 + early_seconds
        end = partial(_end, exchange, answer, draw)
        if wait_seconds > 0:
            asyncio.get_running_loop().call_later(wait_seconds, end)
        else:
            end()


def _end(exchange: Exchange, answer: bytes, draw: TextDraw) -> None:
    if draw.call is None:
        exchange.send(answer)
    else:
        fail_after(exchange, draw.call, answer, entropy=draw.entropy)


def _sid(draw: TextDraw) -> str:
    return f"SM{draw.entropy[-16:].hex()}"


def _nothing() -> None:
    """Nothing happens at the ends of an outage but that the clock stops there."""
