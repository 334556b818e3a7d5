"""Counts what must not happen: the same words accepted twice, reminders after the sale opened, texts after STOP."""

from collections import Counter
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field

from fanfare.lab import clock
from fanfare.lab.ledger import Entry, Kind, Service

# Codes that say *not delivered, try later*: who meets one may send the same words again.
RESENDABLE_CODES = frozenset({21611, 30001, 30017, 30022})
_UNDELIVERED = frozenset({"failed", "undelivered"})
REPLY_SECONDS_MAX = 900.0  # an answer to an inbound text comes within a quarter of an hour, or is no answer
LISTED_MAX = 100  # offending entries shown in a summary


@dataclass(slots=True)
class Acceptance:
    """A text or mail that the lab took."""

    seq: int
    service: Service
    at_seconds: float
    sid: str
    to_hash: str
    body_sha256: bytes
    reply: bool
    after_opt_out: bool
    excused: bool = False
    duplicate: bool = False


@dataclass(slots=True)
class _Phone:
    """What the fan behind one number texted us."""

    unanswered: list[float] = field(default_factory=list[float])
    opted_out_at: float | None = None

    def awaits_answer(self, now_seconds: float) -> bool:
        return any(now_seconds - at <= REPLY_SECONDS_MAX for at in self.unanswered)

    def answer(self, now_seconds: float) -> None:
        self.unanswered = [at for at in self.unanswered if now_seconds - at <= REPLY_SECONDS_MAX][1:]


class Judge:
    """Follows the ledger entry by entry, live or reloaded."""

    def __init__(self) -> None:
        self._acceptances: list[Acceptance] = []
        self._last_by_words: dict[tuple[str, bytes], Acceptance] = {}
        self._by_sid: dict[str, Acceptance] = {}
        self._phones: dict[str, _Phone] = {}
        self._reports: Counter[str] = Counter()
        self._inbound = 0

    def is_reply(self, to_hash: str, body_sha256: bytes, now_seconds: float) -> bool:
        """True when these words would answer an inbound text: one is open, and they are no reminder sent again."""
        phone = self._phones.get(to_hash)
        if phone is None or not phone.awaits_answer(now_seconds):
            return False
        former = self._last_by_words.get((to_hash, body_sha256))
        return former is None or former.reply

    def follow(self, entry: Entry) -> None:
        """Take in an entry."""
        match entry.kind:
            case Kind.ACCEPTED:
                self._accepted(entry)
            case Kind.REPORT:
                self._reported(entry)
            case Kind.INBOUND:
                self._texted(entry)
            case Kind.STARTED:
                pass

    def summary(self, last_opening: Callable[[str], float | None], to_hash: str | None = None) -> dict[str, object]:
        """Return the counts, of all or of one address.

        `last_opening` gives, by address hash, the latest opening of the events planned for it (epoch seconds), or
        None when nothing is planned and lateness cannot be told.
        """
        chosen = [a for a in self._acceptances if to_hash is None or a.to_hash == to_hash]
        duplicates = [a for a in chosen if a.duplicate]
        late = [a for a in chosen if not a.reply and _is_late(a, last_opening(a.to_hash))]
        unwanted = [a for a in chosen if a.after_opt_out]
        return {
            "accepted": len(chosen),
            "accepted_by_service": Counter(a.service.value for a in chosen),
            "replies": sum(a.reply for a in chosen),
            "duplicates": len(duplicates),
            "after_sale_start": len(late),
            "after_opt_out": len(unwanted),
            "reports": self._reports,
            "inbound": self._inbound,
            "duplicate_entries": _shown(duplicates),
            "late_entries": _shown(late),
            "opted_out_entries": _shown(unwanted),
        }

    def _accepted(self, entry: Entry) -> None:
        body = bytes.fromhex(entry.body_sha256)
        now = clock.parse_iso(entry.at)
        words = (entry.to_hash, body)
        phone = self._phones.get(entry.to_hash)
        acceptance = Acceptance(
            seq=entry.seq,
            service=entry.service,
            at_seconds=now,
            sid=entry.sid,
            to_hash=entry.to_hash,
            body_sha256=body,
            reply=entry.reply,
            after_opt_out=not entry.reply and phone is not None and _is_after(now, phone.opted_out_at),
        )
        if entry.reply and phone is not None:
            phone.answer(now)
        former = self._last_by_words.get(words)
        acceptance.duplicate = former is not None and not former.excused and not entry.reply
        self._last_by_words[words] = acceptance
        self._by_sid[entry.sid] = acceptance
        self._acceptances.append(acceptance)

    def _reported(self, entry: Entry) -> None:
        self._reports[f"{entry.status}:{entry.code}" if entry.code else entry.status] += 1
        acceptance = self._by_sid.get(entry.sid)
        if acceptance is not None and entry.status in _UNDELIVERED and entry.code in RESENDABLE_CODES:
            acceptance.excused = True

    def _texted(self, entry: Entry) -> None:
        self._inbound += 1
        phone = self._phones.setdefault(entry.to_hash, _Phone())
        now = clock.parse_iso(entry.at)
        phone.unanswered.append(now)
        if entry.opt_out == "STOP":
            phone.opted_out_at = now
        elif entry.opt_out == "START":
            phone.opted_out_at = None


def _is_after(at_seconds: float, instant: float | None) -> bool:
    return instant is not None and at_seconds > instant


def _is_late(acceptance: Acceptance, last_opening: float | None) -> bool:
    return _is_after(acceptance.at_seconds, last_opening)


def _shown(acceptances: Iterable[Acceptance]) -> list[dict[str, object]]:
    return [
        {
            "seq": acceptance.seq,
            "service": acceptance.service.value,
            "at": clock.iso_millis(acceptance.at_seconds),
            "sid": acceptance.sid,
            "to_hash": acceptance.to_hash,
            "body_sha256": acceptance.body_sha256.hex(),
        }
        for acceptance in list(acceptances)[:LISTED_MAX]
    ]
