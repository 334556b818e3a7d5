"""What the lab's tests say to it, over real HTTP."""

import http.client
import json
from base64 import b64encode
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any
from urllib.parse import quote, urlencode, urlsplit

ACCOUNT = "AC" + "0" * 31 + "1"
MESSAGES = f"/2010-04-01/Accounts/{ACCOUNT}/Messages.json"
BASIC = {"Authorization": "Basic " + b64encode(f"{ACCOUNT}:lab-token".encode()).decode()}
FAN = "+14165550123"
OURS = "+15005550006"


@dataclass(frozen=True, slots=True, kw_only=True)
class Reply:
    """An answer read whole."""

    status: int
    headers: Mapping[str, str]
    body: bytes

    @property
    def json(self) -> Any:  # noqa: ANN401 -- a test reads what it expects
        return json.loads(self.body)

    @property
    def lines(self) -> list[Any]:
        return [json.loads(line) for line in self.body.splitlines()]


class Caller:
    """Calls one lab; each call has a connection of its own."""

    def __init__(self, base_url: str, smtp_port: int = 0) -> None:
        self.host = urlsplit(base_url).netloc
        self.smtp_port = smtp_port

    def call(
        self, method: str, path: str, body: bytes | str | None = None, headers: Mapping[str, str] | None = None
    ) -> Reply:
        connection = http.client.HTTPConnection(self.host, timeout=10)
        try:
            connection.request(method, path, body, dict(headers or {}))
            response = connection.getresponse()
            return Reply(status=response.status, headers=dict(response.getheaders()), body=response.read())
        finally:
            connection.close()

    def get(self, path: str, headers: Mapping[str, str] | None = None) -> Reply:
        return self.call("GET", path, headers=headers)

    def put(self, path: str, value: object) -> Reply:
        return self.call("PUT", path, json.dumps(value))

    def text(self, to: str = FAN, body: str = "On sale at 10", **fields: str) -> Reply:
        form = {"To": to, "From": OURS, "Body": body, **fields}
        headers = {**BASIC, "Content-Type": "application/x-www-form-urlencoded"}
        return self.call("POST", MESSAGES, urlencode({k: v for k, v in form.items() if v}), headers)

    def fan_texts(self, body: str, fan: str = FAN) -> Reply:
        return self.call("POST", "/inbound", json.dumps({"from": fan, "to": OURS, "body": body}))

    def step(self, now: str) -> Reply:
        return self.put("/clock", {"now": now})

    def stream(self, after: int = 0, **asked: int) -> list[Any]:
        return self.get(f"/stream?{urlencode({'after': after, **asked})}").lines

    def ledger(self, to: str | None = None) -> Any:  # noqa: ANN401 -- a test reads what it expects
        return self.get("/ledger" if to is None else f"/ledger?to={quote(to)}").json
