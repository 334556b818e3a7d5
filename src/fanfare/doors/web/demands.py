"""Opt-ins with their proof of consent."""

from datetime import UTC, datetime, timedelta
from http import HTTPStatus

from fastapi import APIRouter, Request, Response
from pydantic import BaseModel, ConfigDict, Field

from fanfare.doors.web import idempotency
from fanfare.doors.web.access import needs
from fanfare.doors.web.door import Door, OpenDoor
from fanfare.doors.web.idempotency import IdempotencyKey
from fanfare.doors.web.problems import FieldProblem, ProblemError
from fanfare.doors.web.quotas import Allowance
from fanfare.doors.web.visits import Visit
from fanfare.model.channel import Channel
from fanfare.model.demand import ConsentSource, DemandRequest
from fanfare.ports.api_keys import Scope
from fanfare.rules import demand_rows
from fanfare.topology import World, opt_in_ground
from fanfare.workers import record_demands

router = APIRouter(prefix="/v1/demands", tags=["demands"])

DAY = timedelta(days=1)
ACCEPTED = b'{"status":"accepted"}'


class OptIn(BaseModel):
    """A fan's opt-in. The fan saw the consent text and agreed to it, at our own door or the caller's."""

    model_config = ConfigDict(extra="forbid")

    fan_id: str = Field(max_length=64, description="The fan's account id; never an address")
    event_id: str | None = Field(
        default=None, max_length=64, description="An event or an attraction; the event where both are given"
    )
    attraction_id: str | None = Field(default=None, max_length=64)
    sale_id: str | None = Field(default=None, max_length=140, description="Only this sale of the event")
    channel: Channel
    address: str = Field(max_length=320, description="Phone number (United States, Canada) or email address")
    locale: str | None = Field(default=None, max_length=16, examples=["en-us", "en-ca", "fr-ca"])
    brand: str = Field(max_length=32)
    zone: str | None = Field(default=None, max_length=64, examples=["America/Toronto"])
    region: str | None = Field(default=None, max_length=8, examples=["CA-QC"])
    consent_at: str = Field(max_length=40, examples=["2026-05-01T14:00:00Z"])
    consent_text_id: str = Field(max_length=128, description="Names the exact words that the fan agreed to")
    consent_source: str = Field(max_length=200, description="The page or shop that the consent came from")


class Accepted(BaseModel):
    """The same for every opt-in that is well formed, whether the fan is known or not."""

    status: str = "accepted"


@router.post("", status_code=HTTPStatus.ACCEPTED, response_model=Accepted, dependencies=[needs(Scope.DEMANDS_WRITE)])
async def opt_in(door: OpenDoor, request: Request, body: OptIn, idempotency_key: IdempotencyKey = None) -> Response:
    """Record an opt-in. Repeating it changes nothing."""
    visit = Visit.of(request.scope)
    caller = visit.key.key_id if visit.key else ""

    async def work() -> bytes:
        await _record(door, visit, body)
        return ACCEPTED

    answer = await idempotency.once(door, caller, idempotency_key, body.model_dump_json().encode(), work)
    return Response(answer, HTTPStatus.ACCEPTED, media_type="application/json")


async def _record(door: Door, visit: Visit, body: OptIn) -> None:
    parsed = await door.ask(lambda world: _parse(world, body))
    _refuse_spent(door.quotas.opt_in_peers.spend(visit.peer), "Too many opt-ins from your address; wait.")
    _refuse_spent(door.quotas.opt_ins.spend("all"), "Too many opt-ins at the moment; wait.")
    async with door.number_gate:  # read, add one, write: one at a time
        is_spent = await door.ask(lambda world: _count_number(world, parsed, door.caps.opt_ins_per_number_and_day))
    if is_spent:
        detail = "Too many opt-ins for this number today; try again tomorrow."
        raise ProblemError(HTTPStatus.TOO_MANY_REQUESTS, detail, headers={"Retry-After": "86400"})
    await door.ask(lambda world: record_demands.run([parsed], ground=opt_in_ground(world)))


def _parse(world: World, body: OptIn) -> DemandRequest:
    row = {name: None if value is None else str(value) for name, value in body.model_dump().items()}
    parsed = demand_rows.parse(row, now=world.clock.now(), brands=frozenset(world.brands), intake=ConsentSource.DOOR)
    if isinstance(parsed, demand_rows.Refused):
        wrong = FieldProblem(field=f"body.{parsed.field}", reason=parsed.reason, fix=parsed.fix)
        raise ProblemError(HTTPStatus.UNPROCESSABLE_ENTITY, "The opt-in cannot be taken.", errors=[wrong])
    return parsed


def _refuse_spent(allowance: Allowance, detail: str) -> None:
    if allowance.is_spent:
        headers = {"Retry-After": str(allowance.reset_seconds)}
        raise ProblemError(HTTPStatus.TOO_MANY_REQUESTS, detail, headers=headers)


def _count_number(world: World, parsed: DemandRequest, limit: int) -> bool:
    """Count one opt-in of a phone number; tell whether it is one too many for the day."""
    if parsed.channel is not Channel.SMS:
        return False
    now = world.clock.now()
    (address_hash,) = world.vault.hash([parsed.address])
    place = f"opt_ins:{address_hash.hex()}:{now.date().isoformat()}"
    kept = world.cache.get(place, now)
    count = int(kept[0]) + 1 if kept else 1
    if count > limit:
        return True
    tomorrow = datetime.combine(now.date(), datetime.min.time(), UTC) + DAY
    seconds = (tomorrow - now).total_seconds()
    world.cache.put(place, str(count).encode(), now=now, fresh_seconds=seconds, stale_seconds=0)
    return False
