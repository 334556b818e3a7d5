"""Fans who text us: because a fault says so, or because somebody asked the lab for it."""

from functools import partial

from fanfare.lab import clock, inbound
from fanfare.lab.config import LabConfig, OptOutKeeper, ReportRoute
from fanfare.lab.dice import NumberDraw
from fanfare.lab.faults import Fault
from fanfare.lab.inbound import Inbound
from fanfare.lab.ledger import Entry, Kind, Ledger, address_hash
from fanfare.lab.messages import Message
from fanfare.lab.stream import Stream
from fanfare.lab.webhooks import Webhooks


class FanTexts:
    """Tells inbound texts, and keeps the provider's own list of who opted out (by number, whatever the sender)."""

    def __init__(
        self, config: LabConfig, *, stage_clock: clock.Clock, ledger: Ledger, stream: Stream, webhooks: Webhooks
    ) -> None:
        self._config = config
        self._clock = stage_clock
        self._ledger = ledger
        self._stream = stream
        self._webhooks = webhooks
        self._opted_out: dict[str, bool] = {}
        self._texted_back: set[str] = set()

    def is_blocked(self, number: str, draw: NumberDraw) -> bool:
        """True when the provider refuses the number (21610): after STOP, until START."""
        return self._opted_out.get(number, draw.flaw is Fault.OPTED_OUT)

    def after_delivery(self, message: Message, draw: NumberDraw) -> None:
        """Let the fan text back, once, within the minute."""
        if draw.texts_back is None or message.to in self._texted_back:
            return
        self._texted_back.add(message.to)
        words = (
            inbound.stop_words(message.to, draw.entropy[0])
            if draw.texts_back is Fault.STOP
            else inbound.help_words(message.to)
        )
        tell = partial(self.tell, message.to, message.sender, words, service_sid=message.service_sid)
        self._clock.after(5 + draw.entropy[1] % 55, tell)

    def tell(self, sender: str, to: str, body: str, service_sid: str | None = None) -> Inbound:
        """Take a text from a fan and pass it on."""
        seq = self._ledger.next_seq()
        recognised = inbound.recognised(body) if self._config.opt_out_keeper is OptOutKeeper.PROVIDER else None
        if recognised in {"STOP", "START"}:
            self._opted_out[sender] = recognised == "STOP"
        text = Inbound(
            sid=f"SM{address_hash(sender)}{seq:016x}",
            sender=sender,
            to=to,
            body=body,
            account_sid=self._config.account_sid,
            service_sid=service_sid,
            opt_out_type=recognised,
            at_seconds=self._clock.seconds(),
        )
        self._pass_on(text, seq)
        return text

    def _pass_on(self, text: Inbound, seq: int) -> None:
        route = self._config.reports
        stream_seq = 0 if route is ReportRoute.WEBHOOK else self._stream.append(text)
        self._ledger.append(
            Entry(
                seq=seq,
                kind=Kind.INBOUND,
                at=clock.iso_millis(text.at_seconds),
                sid=text.sid,
                to_hash=address_hash(text.sender),
                stream_seq=stream_seq,
                opt_out=inbound.meaning(text.body) or "",
            )
        )
        url = self._config.inbound_url
        if url is not None and route is not ReportRoute.STREAM:
            post = partial(self._webhooks.post, url, text.form(), idempotency_token=text.sid)
            self._ledger.after_durable(post)
