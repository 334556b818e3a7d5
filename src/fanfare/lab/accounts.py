"""The account service: a token by client credentials, then accounts by id or by email."""

from base64 import b64encode
from collections.abc import Callable
from hashlib import sha256

import msgspec

from fanfare.lab import clock, forms
from fanfare.lab.attempts import Attempts
from fanfare.lab.config import LabConfig
from fanfare.lab.dice import Dice
from fanfare.lab.faults import ACCOUNTS, Fault
from fanfare.lab.http import Exchange, render, render_json
from fanfare.lab.routes import RefusedError, Routes, Serve

TOKEN_SECONDS = 3600
_PROBLEM = "application/problem+json"

Account = dict[str, object]


class _Lookup(msgspec.Struct):
    email: str


class Accounts:
    """Holds accounts and serves them. `world_account` makes those of the night's fans when they are asked for."""

    def __init__(
        self,
        config: LabConfig,
        *,
        stage_clock: clock.Clock,
        dice: Dice,
        world_account: Callable[[str], Account | None],
    ) -> None:
        self._clock = stage_clock
        self._dice = dice
        self._seed = config.seed
        self._credentials = b"Basic " + b64encode(f"{config.client_id}:{config.client_secret}".encode())
        self._world_account = world_account
        self._attempts = Attempts()
        self._accounts: dict[str, Account] = {}
        self._tokens: dict[bytes, float] = {}

    def add_routes(self, routes: Routes) -> None:
        """Add the partner's routes, and the one that loads an account."""
        routes.add("POST", "/oauth2/token", self._issue)
        routes.add("POST", "/accounts:lookup", self._guarded(self._look_up))
        routes.add("GET", "/accounts/{id}", self._guarded(self._show))
        routes.add("PUT", "/accounts/{id}", self._load)

    def _issue(self, exchange: Exchange) -> None:
        form = forms.parse(exchange.body)
        if exchange.header(b"authorization") != self._credentials:
            exchange.json(401, {"error": "invalid_client", "error_description": "unknown client or wrong secret"})
        elif form.get("grant_type") != "client_credentials":
            exchange.json(400, {"error": "unsupported_grant_type", "error_description": "use client_credentials"})
        elif form.get("scope", "account.read") != "account.read":
            exchange.json(400, {"error": "invalid_scope", "error_description": "use account.read"})
        else:
            token = sha256(f"{self._seed}/token/{len(self._tokens)}".encode()).hexdigest()
            self._tokens[f"Bearer {token}".encode()] = self._clock.seconds() + TOKEN_SECONDS
            answer = {"access_token": token, "token_type": "Bearer", "expires_in": TOKEN_SECONDS}
            exchange.json(200, {**answer, "scope": "account.read"})

    def _guarded(self, serve: Serve) -> Serve:
        def guarded(exchange: Exchange) -> None:
            if self._tokens.get(exchange.header(b"authorization"), 0.0) <= self._clock.seconds():
                _problem(exchange, 401, "Unauthorized")
            elif not self._is_struck(exchange):
                serve(exchange)

        return guarded

    def _is_struck(self, exchange: Exchange) -> bool:
        key = f"{exchange.path} {sha256(exchange.body).hexdigest()}"
        fault = self._dice.partner(ACCOUNTS, key, self._attempts.next("accounts", key))
        if fault is Fault.ACCOUNTS_500:
            exchange.send(render(500, b"upstream failure", content_type="text/plain"))
        elif fault is Fault.ACCOUNTS_401:
            _problem(exchange, 401, "Unauthorized")
        return fault is not None

    def _load(self, exchange: Exchange) -> None:
        account = exchange.decode(Account)
        if account.get("accountId") != exchange.values["id"]:
            raise RefusedError(400, "the account's id is not the one in the path")
        self._accounts[exchange.values["id"]] = account
        exchange.json(200, {"accountId": account["accountId"]})

    def _show(self, exchange: Exchange) -> None:
        account = self._accounts.get(exchange.values["id"]) or self._world_account(exchange.values["id"])
        if account is None:
            _problem(exchange, 404, "Not Found")
        elif "mergedInto" in account:
            _problem(exchange, 410, "Gone", mergedInto=account["mergedInto"])
        else:
            exchange.json(200, account)

    def _look_up(self, exchange: Exchange) -> None:
        email = exchange.decode(_Lookup).email.strip().casefold()
        found = [account for account in self._accounts.values() if str(account.get("email", "")).casefold() == email]
        if (fan := self._world_account(email)) is not None:
            found.append(fan)
        if not found:
            _problem(exchange, 404, "Not Found")
        elif len(found) > 1:
            _problem(exchange, 409, "Several accounts have this email")
        else:
            exchange.json(200, found[0])


def _problem(exchange: Exchange, status: int, title: str, **more: object) -> None:
    value = {"type": "about:blank", "title": title, "status": status, **more}
    exchange.send(render_json(status, value, content_type=_PROBLEM))
