"""GraphQL: the event query and the account query (FLOW-8, FLOW-9), from the schema that AppSync serves too.

POST only, one operation a request, no introspection unless it is set, no explorer. An error says its kind
(``errorType``, as AppSync does) and never what a partner said.
"""

import logging
from dataclasses import dataclass
from datetime import datetime
from http import HTTPStatus
from pathlib import Path
from typing import Annotated, Any, cast

from ariadne import (
    QueryType,
    graphql_sync,  # pyright: ignore[reportUnknownVariableType] # the library types its dicts loosely
    make_executable_schema,
)
from fastapi import APIRouter, Body, Request
from graphql import GraphQLError, GraphQLResolveInfo, GraphQLSchema
from pydantic import BaseModel, ConfigDict, Field

from fanfare import telemetry
from fanfare.doors.web.access import needs_any_key
from fanfare.doors.web.door import Door, OpenDoor
from fanfare.doors.web.graphql_limits import BoundedQuery, parse_bounded
from fanfare.doors.web.problems import ProblemError
from fanfare.doors.web.visits import Visit
from fanfare.model.answer import AnswerSource
from fanfare.model.event import Event
from fanfare.model.ids import EventId, FanId
from fanfare.model.offer import Offer
from fanfare.partners.discovery_json import EVENT_ID
from fanfare.ports.accounts import Account
from fanfare.ports.api_keys import ApiKey, Scope
from fanfare.ports.faults import Fault, Transient
from fanfare.telemetry import Fact
from fanfare.topology import World
from fanfare.workers import resolve_account, resolve_event

logger = logging.getLogger(__name__)
router = APIRouter(tags=["graphql"])
query = QueryType()

FOLDER = Path(__file__).parent
ACCOUNT_ID_LENGTH_MAX = 64

Answer = dict[str, object]

_mute = logging.getLogger(f"{__name__}.library")
"""The library logs messages with the caller's values in them; we log kinds instead."""
_mute.disabled = True


class GraphQLRequest(BaseModel):
    """One operation."""

    model_config = ConfigDict(extra="forbid")

    query: str
    operation_name: str | None = Field(default=None, alias="operationName")
    variables: dict[str, Any] | None = None
    extensions: dict[str, Any] | None = None


class GraphQLAnswer(BaseModel):
    """What came of it: data, errors, or both."""

    data: dict[str, Any] | None = None
    errors: list[dict[str, Any]] | None = None


class RefusedError(Exception):
    """A field that is not answered, with the kind that the caller is told."""

    def __init__(self, kind: str, message: str) -> None:
        super().__init__(message)
        self.kind = kind


@dataclass(frozen=True, slots=True, kw_only=True)
class Asking:
    """Who asks, and what the resolvers stand on."""

    world: World
    door: Door
    key: ApiKey


def load_schema() -> GraphQLSchema:
    """Return the schema that this door serves: the file that AppSync gets, and what AppSync declares by itself."""
    parts = [(FOLDER / name).read_text(encoding="utf-8") for name in ("aws.graphql", "schema.graphql")]
    return make_executable_schema(parts, query)


@router.post("/graphql", dependencies=[needs_any_key()], response_model_exclude_unset=True)
async def ask(door: OpenDoor, request: Request, body: Annotated[GraphQLRequest, Body()]) -> GraphQLAnswer:
    """Run one GraphQL query.

    `eventDetails(eventId)` needs events:read; `account(accountId)` the own key, or accounts:read.
    """
    key = Visit.of(request.scope).key
    if key is None:
        raise ProblemError(HTTPStatus.UNAUTHORIZED, "Give a live API key.")
    data = body.model_dump(by_alias=True, exclude_none=True, exclude={"extensions"})
    schema: GraphQLSchema = request.app.state.graphql_schema
    answer = await door.partner_worlds.run(lambda world: _run(schema, data, Asking(world=world, door=door, key=key)))
    return GraphQLAnswer.model_validate(answer)  # 200 whatever came of it: the errors say what


def _run(schema: GraphQLSchema, data: dict[str, Any], asking: Asking) -> dict[str, Any]:
    _, answer = cast(
        "tuple[bool, dict[str, Any]]",
        graphql_sync(
            schema,
            data,
            context_value=asking,
            query_parser=parse_bounded,
            validation_rules=[BoundedQuery],
            introspection=asking.door.settings.web.graphql_introspection,
            error_formatter=_told,
            logger=_mute,
        ),
    )
    return answer


def _told(error: GraphQLError, _debug: bool = False) -> dict[str, Any]:  # noqa: FBT001, FBT002 - the library's shape
    original = error.original_error
    if isinstance(original, RefusedError):
        kind, message = original.kind, str(original)
    elif original is None or isinstance(original, GraphQLError):
        kind, message = "BadQuery", error.message
    else:
        kind, message = _kind_of(original)
        telemetry.log(logger, Fact.QUERY_FAILED, logging.WARNING, kind=kind, fault=type(original).__name__)
    return {**error.formatted, "message": message, "errorType": kind}


def _kind_of(fault: Exception) -> tuple[str, str]:
    if isinstance(fault, Transient):
        return "Unavailable", "The answer cannot be had now; try again."
    if isinstance(fault, Fault):
        return "Refused", "The answer cannot be had; the operator's logs say why."
    return "Internal", "Something failed on our side."


@query.field("eventDetails")
def resolve_event_details(_root: object, info: GraphQLResolveInfo[Asking], *, eventId: str) -> Answer | None:  # noqa: N803
    """Answer the event query."""
    asking = info.context
    _need(asking, Scope.EVENTS_READ)
    if not EVENT_ID.fullmatch(eventId):
        raise RefusedError("BadRequest", "eventId is no Discovery id: letters, digits, - and _, at most 64.")
    world = asking.world
    started = world.clock.monotonic_seconds()
    found = resolve_event.run(
        EventId(eventId),
        cache=world.cache,
        source=world.source,
        clock=world.clock,
        fresh_seconds=world.event_cache_seconds,
    )
    telemetry.METRICS.event_queries.labels(found.source).inc()
    telemetry.METRICS.event_query_seconds.labels(found.source).observe(world.clock.monotonic_seconds() - started)
    if found.event is None:
        raise RefusedError("NotFound", "There is no such event.")
    offers = (found.event.public, found.event.presales)
    return {**_event(found.event.event), **_offers(*offers), **_freshness(found.source)}


@query.field("account")
def resolve_own_account(_root: object, info: GraphQLResolveInfo[Asking], *, accountId: str) -> Answer | None:  # noqa: N803
    """Answer the account query."""
    asking = info.context
    if asking.key.person != accountId:
        _need(asking, Scope.ACCOUNTS_READ)
    world = asking.world
    if world.accounts is None:
        raise RefusedError("NotConfigured", "No account service is configured.")
    if not accountId.isprintable() or not 0 < len(accountId) <= ACCOUNT_ID_LENGTH_MAX:
        raise RefusedError("BadRequest", "accountId is no account id.")
    found = resolve_account.run(
        FanId(accountId), cache=world.cache, accounts=world.accounts, vault=world.vault, clock=world.clock
    )
    if found.account is None:
        raise RefusedError("NotFound", "There is no such account.")
    return {**_account(found.account), **_freshness(found.source)}


def _need(asking: Asking, scope: Scope) -> None:
    if not asking.key.allows(scope):
        raise RefusedError("Unauthorized", f"The key lacks the scope {scope}.")


def _freshness(source: AnswerSource) -> Answer:
    return {"source": source.name, "stale": source is AnswerSource.STALE}


def _event(event: Event) -> Answer:
    venue = event.venue
    return {
        "id": event.event_id,
        "name": event.name,
        "url": event.url,
        "status": event.status.value,
        "startsAt": _instant(event.starts_at),
        "localDate": event.local_date,
        "timezone": event.timezone,
        "isTest": event.is_test,
        "isResale": event.is_resale,
        "venue": venue
        and {
            "id": venue.venue_id,
            "name": venue.name,
            "city": venue.city,
            "stateCode": venue.state_code,
            "countryCode": venue.country_code,
            "timezone": venue.timezone,
        },
        "attractions": [{"id": each.attraction_id, "name": each.name} for each in event.attractions],
    }


def _offers(public: Offer | None, presales: tuple[Offer, ...]) -> Answer:
    return {"publicSale": public and _offer(public), "presales": [_offer(each) for each in presales]}


def _offer(offer: Offer) -> Answer:
    return {
        "name": offer.name,
        "startsAt": _instant(offer.starts_at),
        "endsAt": _instant(offer.ends_at),
        "isTbd": offer.is_tbd,
        "isTba": offer.is_tba,
    }


def _account(account: Account) -> Answer:
    return {
        "id": account.account_id,
        "status": account.status,
        "email": account.email,
        "emailVerified": account.email_verified,
        "phoneNumber": account.phone_number,
        "phoneVerified": account.phone_verified,
        "givenName": account.given_name,
        "familyName": account.family_name,
        "locale": account.locale,
        "zoneInfo": account.zone_info,
        "countryCode": account.country_code,
        "postalCode": account.postal_code,
        "updatedAt": account.updated_at,
    }


def _instant(at: datetime | None) -> str | None:
    """Return an instant in the form of AWSDateTime."""
    return at.isoformat(timespec="milliseconds").replace("+00:00", "Z") if at else None
