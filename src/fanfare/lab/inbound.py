"""What a fan texts us: the words and what the provider makes of them."""

import unicodedata
from dataclasses import dataclass

import msgspec

from fanfare.lab import clock, segments

_BUILT_IN = {
    **dict.fromkeys(("STOP", "STOPALL", "UNSUBSCRIBE", "CANCEL", "END", "QUIT", "REVOKE", "OPTOUT"), "STOP"),
    **dict.fromkeys(("START", "YES", "UNSTOP"), "START"),
    **dict.fromkeys(("HELP", "INFO"), "HELP"),
}
_FRENCH = {"ARRET": "STOP", "AIDE": "HELP"}  # a provider does not know these by itself; the fan means them all the same
_ENGLISH_STOPS = ("STOP", "Stop ", "stop", "STOP", "UNSUBSCRIBE", "stopall", "Quit", "STOP")
_FRENCH_STOPS = ("ARRET", "ARRÊT", "Arrêt ", "STOP")
_QUEBEC_AREA_CODES = frozenset({"263", "354", "367", "418", "438", "450", "468", "514", "579", "581", "819", "873"})


@dataclass(frozen=True, slots=True, kw_only=True)
class Inbound:
    """A text from a fan. `opt_out_type` is set when the provider has answered it already."""

    sid: str
    sender: str
    to: str
    body: str
    account_sid: str
    service_sid: str | None
    opt_out_type: str | None
    at_seconds: float

    def encode(self, seq: int) -> bytes:
        """Return its line of the stream."""
        data = _Data(
            message_sid=self.sid,
            account_sid=self.account_sid,
            timestamp=clock.iso_millis(self.at_seconds),
            sender=self.sender,
            to=self.to,
            body=self.body,
            messaging_service_sid=self.service_sid,
            opt_out_type=self.opt_out_type,
        )
        return _ENCODER.encode(_Event(id=f"EZ{self.sid[2:]}", time=data.timestamp, data=data, seq=seq)) + b"\n"

    def form(self) -> dict[str, str]:
        """Return it as the parameters of a webhook."""
        form = {
            "MessageSid": self.sid,
            "SmsSid": self.sid,
            "SmsMessageSid": self.sid,
            "AccountSid": self.account_sid,
            "From": self.sender,
            "To": self.to,
            "Body": self.body,
            "NumMedia": "0",
            "NumSegments": str(segments.count(self.body)),
            "SmsStatus": "received",
            "FromCity": "",
            "FromCountry": "CA" if is_quebec(self.sender) else "US",
            "ToCountry": "US",
            "ApiVersion": "2010-04-01",
        }
        optional = {"MessagingServiceSid": self.service_sid, "OptOutType": self.opt_out_type}
        return form | {name: value for name, value in optional.items() if value is not None}


class _Data(msgspec.Struct, kw_only=True, omit_defaults=True, rename="camel"):
    message_sid: str
    account_sid: str
    timestamp: str
    sender: str = msgspec.field(name="from")
    to: str
    body: str
    num_media: int = msgspec.field(default=0, name="numMedia")
    messaging_service_sid: str | None = None
    opt_out_type: str | None = None


class _Event(msgspec.Struct, kw_only=True):
    specversion: str = "1.0"
    type: str = "com.twilio.messaging.inbound-message.received"
    source: str = "/2010-04-01/inbound"
    id: str
    time: str
    datacontenttype: str = "application/json"
    dataschema: str = "https://events-schemas.twilio.com/Messaging.InboundMessageV1/5"
    data: _Data
    seq: int


_ENCODER = msgspec.json.Encoder()


def recognised(body: str) -> str | None:
    """Return STOP, START or HELP when the provider's built-in keywords hold the whole body."""
    return _BUILT_IN.get(_folded(body))


def meaning(body: str) -> str | None:
    """Return STOP, START or HELP when the fan plainly means it, in English or French."""
    return recognised(body) or _FRENCH.get(_folded(body))


def stop_words(number: str, choice: int) -> str:
    """Return how the owner of a number says stop; in Quebec mostly in French."""
    words = _FRENCH_STOPS if is_quebec(number) else _ENGLISH_STOPS
    return words[choice % len(words)]


def help_words(number: str) -> str:
    """Return how the owner of a number asks for help."""
    return "AIDE" if is_quebec(number) else "HELP"


def is_quebec(number: str) -> bool:
    """True when a +1 number has an area code of Quebec."""
    return number[2:5] in _QUEBEC_AREA_CODES


def _folded(body: str) -> str:
    plain = unicodedata.normalize("NFD", body.strip().upper())
    return "".join(letter for letter in plain if not unicodedata.combining(letter))
