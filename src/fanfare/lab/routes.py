"""From method and path to what serves them."""

import re
from collections.abc import Callable

import msgspec

from fanfare.lab.http import Exchange

Serve = Callable[[Exchange], None]


class RefusedError(Exception):
    """A request that the lab's own (not a partner's) side refuses; answered as `{"error": ...}`."""

    def __init__(self, status: int, message: str) -> None:
        super().__init__(message)
        self.status = status


class Routes:
    """The lab's table of routes. A `{name}` in a path matches one segment and fills `exchange.values`."""

    def __init__(self) -> None:
        self._exact: dict[tuple[str, str], Serve] = {}
        self._patterns: list[tuple[str, re.Pattern[str], Serve]] = []

    def add(self, method: str, path: str, serve: Serve) -> None:
        """Add a route. Exact paths win over patterns, earlier patterns over later ones."""
        if "{" not in path:
            self._exact[method, path] = serve
            return
        parts = [f"(?P<{part[1:-1]}>[^/]+)" if part.startswith("{") else re.escape(part) for part in _split(path)]
        self._patterns.append((method, re.compile("".join(parts)), serve))

    def serve(self, exchange: Exchange) -> None:
        """Serve one request; what cannot be read is answered 400, what has no route 404."""
        try:
            self._find(exchange)(exchange)
        except RefusedError as refusal:
            exchange.json(refusal.status, {"error": str(refusal)})
        except (msgspec.DecodeError, UnicodeDecodeError, ValueError) as unreadable:
            exchange.json(400, {"error": f"cannot read this: {type(unreadable).__name__}"})

    def _find(self, exchange: Exchange) -> Serve:
        exact = self._exact.get((exchange.method, exchange.path))
        return exact if exact is not None else self._match(exchange)

    def _match(self, exchange: Exchange) -> Serve:
        for method, pattern, serve in self._patterns:
            found = pattern.fullmatch(exchange.path) if method == exchange.method else None
            if found is not None:
                exchange.values = found.groupdict()
                return serve
        raise RefusedError(404, "the lab has no such route")


def _split(path: str) -> list[str]:
    return [part for part in re.split(r"(\{\w+\})", path) if part]
