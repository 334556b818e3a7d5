"""How a call goes wrong, as seen from the other end of the wire."""

from fanfare.lab import clock
from fanfare.lab.faults import HOLD_SECONDS, Fault
from fanfare.lab.http import Exchange, Headers, render, render_json

_SLOW_PIECES = 8
_SLOW_SECONDS = 3.0
_HTML = b"<html><head><title>Error</title></head><body><h1>Something went wrong</h1></body></html>"

# Kinds that strike after the provider has accepted.
ACCEPTING = frozenset(
    {
        Fault.TIMEOUT_AFTER,
        Fault.RESET_AFTER,
        Fault.ACCEPT_THEN_CLOSE,
        Fault.ERROR_500_AFTER,
        Fault.MALFORMED_2XX,
        Fault.SLOW_ANSWER,
    }
)


def fail_before(exchange: Exchange, kind: Fault, *, entropy: bytes, now_seconds: float) -> None:
    """End a call that was not accepted."""
    match kind:
        case Fault.TIMEOUT_BEFORE:
            exchange.hold(HOLD_SECONDS)
        case Fault.RESET_BEFORE:
            exchange.reset()
        case Fault.CLOSE_AFTER_READ:
            exchange.close()
        case Fault.TOO_MANY:
            problem = {
                "code": 20429,
                "message": "Too Many Requests",
                "more_info": "https://www.twilio.com/docs/errors/20429",
                "status": 429,
            }
            exchange.json(429, problem, retry_after(entropy[0], now_seconds))
        case _:
            exchange.send(server_error(503 if kind is Fault.ERROR_503 else 500, entropy[0]))


def fail_after(exchange: Exchange, kind: Fault, answer: bytes, *, entropy: bytes) -> None:
    """End a call that was accepted, whatever it looks like."""
    match kind:
        case Fault.TIMEOUT_AFTER:
            exchange.hold(HOLD_SECONDS)
        case Fault.RESET_AFTER:
            exchange.reset()
        case Fault.ACCEPT_THEN_CLOSE:
            exchange.close()
        case Fault.ERROR_500_AFTER:
            exchange.send(server_error(500, entropy[0]))
        case Fault.MALFORMED_2XX:
            _lie(exchange, answer, entropy[0])
        case _:
            exchange.drip(answer, pieces=_SLOW_PIECES, seconds=_SLOW_SECONDS)


def server_error(status: int, choice: int) -> bytes:
    """Return a 5xx as gateways write them: a page, nothing at all, or JSON without a code."""
    match choice % 3:
        case 0:
            return render(status, _HTML, content_type="text/html")
        case 1:
            return render(status, b"", content_type="text/plain")
        case _:
            return render_json(status, {"message": "Internal Server Error", "status": status})


def retry_after(choice: int, now_seconds: float) -> Headers:
    """Return the header in one of its forms: seconds, an HTTP date, garbage, or none."""
    forms = ("1", clock.http_date(now_seconds + 2), "soon", None)
    value = forms[choice % len(forms)]
    return () if value is None else (("Retry-After", value),)


def _lie(exchange: Exchange, answer: bytes, choice: int) -> None:
    """Say 201 and then something that cannot be believed."""
    head, _, body = answer.partition(b"\r\n\r\n")
    match choice % 5:
        case 0:
            exchange.send(render(201, body[: len(body) // 2]))
        case 1:
            exchange.send(render(201, _HTML, content_type="text/html"))
        case 2:
            exchange.send(render(201, b""))
        case 3:
            exchange.send(render_json(201, []))
        case _:  # the length promised, half of it given
            exchange.close(head + b"\r\n\r\n" + body[: len(body) // 2])
