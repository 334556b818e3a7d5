"""What a fan asked for, and how they want to be told: preferences, opt-outs, withdrawals."""

from http import HTTPStatus

from fastapi import APIRouter
from pydantic import BaseModel, ConfigDict, Field, model_validator

from fanfare.doors.web import ids, problems
from fanfare.doors.web.access import needs
from fanfare.doors.web.door import OpenDoor
from fanfare.doors.web.ids import BrandFilter, EventFilter, FanPath
from fanfare.doors.web.problems import FieldProblem, ProblemError
from fanfare.model.channel import Channel
from fanfare.model.ids import AddressHash, FanId, FanRef
from fanfare.ports.api_keys import Scope
from fanfare.ports.opt_outs import EVERY_BRAND
from fanfare.rules import emails, phones
from fanfare.topology import World, opt_out_ground
from fanfare.workers import apply_opt_outs, withdraw_demands

router = APIRouter(prefix="/v1", tags=["fans"])

SOURCE = "api"


class Preferences(BaseModel):
    """By brand, the channels that the fan accepts. A brand that is not listed accepts every demanded channel."""

    model_config = ConfigDict(extra="forbid")

    brands: dict[str, list[Channel]] = Field(examples=[{"ticketmaster": ["email"]}], max_length=100)


class OptOutRequest(BaseModel):
    """Whom to leave alone: a fan with every address they gave, or one address."""

    model_config = ConfigDict(extra="forbid")

    fan_id: str | None = Field(default=None, pattern=ids.FAN)
    address: str | None = Field(default=None, max_length=320, description="Phone number or email address")
    channel: Channel | None = Field(default=None, description="Only this channel; needed with an address")
    brand: str | None = Field(default=None, pattern=ids.BRAND, description="Only this brand")

    @model_validator(mode="after")
    def _names_one(self) -> "OptOutRequest":
        if (self.fan_id is None) is (self.address is None):
            raise ValueError("name either a fan_id or an address")
        if self.address is not None and self.channel is None:
            raise ValueError("an address needs its channel")
        return self


class Done(BaseModel):
    """The same whether the fan or the address is known or not."""

    status: str = "done"


class Withdrawn(BaseModel):
    """How many demands were withdrawn."""

    withdrawn: int


@router.get("/fans/{fan_id}/preferences", dependencies=[needs(Scope.DEMANDS_READ)])
async def get_preferences(door: OpenDoor, fan_id: FanPath) -> Preferences:
    """Return the fan's recorded preferences."""

    def work(world: World) -> Preferences:
        recorded = world.demands.preferences(_known(world, fan_id))
        return Preferences(brands={brand: sorted(channels) for brand, channels in recorded.items()})

    return await door.ask(work)


@router.put("/fans/{fan_id}/preferences", dependencies=[needs(Scope.DEMANDS_WRITE)])
async def put_preferences(door: OpenDoor, fan_id: FanPath, body: Preferences) -> Preferences:
    """Record which channels the fan accepts, by brand. Brands that are not named stay as they are."""

    def work(world: World) -> Preferences:
        for brand in body.brands:
            _refuse_unknown_brand(world, brand, "body.brands")
        fan_ref = _known(world, fan_id)
        for brand, channels in body.brands.items():
            world.demands.prefer(fan_ref, brand, frozenset(channels))
        recorded = world.demands.preferences(fan_ref)
        return Preferences(brands={brand: sorted(channels) for brand, channels in recorded.items()})

    return await door.ask(work)


@router.delete("/fans/{fan_id}/demands", dependencies=[needs(Scope.DEMANDS_WRITE)])
async def withdraw(
    door: OpenDoor,
    fan_id: FanPath,
    event_id: EventFilter = None,
    brand: BrandFilter = None,
    channel: Channel | None = None,
) -> Withdrawn:
    """Withdraw a fan's demands: of one event, brand or channel, or all. What waits to be sent for them is ended."""

    def work(world: World) -> Withdrawn:
        count = withdraw_demands.run(
            [FanId(fan_id)],
            event_id=event_id,
            brand=brand,
            channel=channel,
            demands=world.demands,
            sales=world.sales,
            events=world.events,
            notifications=world.notifications,
            clock=world.clock,
        )
        return Withdrawn(withdrawn=count)

    return await door.ask(work)


@router.post("/opt-outs", status_code=HTTPStatus.ACCEPTED, dependencies=[needs(Scope.DEMANDS_WRITE)])
async def opt_out(door: OpenDoor, body: OptOutRequest) -> Done:
    """Stop writing to a fan or an address at once. Only the fan lifts it again."""
    await door.ask(lambda world: _stop(world, body))
    return Done()


def _known(world: World, fan_id: str) -> FanRef:
    fan_ref = world.demands.fan_refs([FanId(fan_id)]).get(FanId(fan_id))
    if fan_ref is None:
        raise problems.not_found("fan")
    return fan_ref


def _stop(world: World, body: OptOutRequest) -> None:
    if body.brand is not None:
        _refuse_unknown_brand(world, body.brand, "body.brand")
    now, ground = world.clock.now(), opt_out_ground(world)
    for channel, address_hash in _addresses(world, body):
        apply_opt_outs.stop(address_hash, channel, body.brand or EVERY_BRAND, now, SOURCE, ground=ground)


def _addresses(world: World, body: OptOutRequest) -> list[tuple[Channel, AddressHash]]:
    if body.address is not None and body.channel is not None:
        (address_hash,) = world.vault.hash([_normal(body.address, body.channel)])
        return [(body.channel, address_hash)]
    fan_id = FanId(body.fan_id or "")
    fan_ref = world.demands.fan_refs([fan_id]).get(fan_id)
    demands = world.demands.of_fan(fan_ref) if fan_ref is not None else ()
    given = {(demand.channel, demand.address_hash) for demand in demands}
    return sorted(pair for pair in given if body.channel in {None, pair[0]})


def _normal(address: str, channel: Channel) -> str:
    is_phone = channel is Channel.SMS
    normal = phones.normalise(address, is_national_allowed=True) if is_phone else emails.normalise(address)
    if normal is None:
        wanted = "a phone number of the United States or Canada" if is_phone else "a bare email address"
        wrong = FieldProblem(field="body.address", reason=f"is not {wanted}", fix=f"write {wanted}")
        raise ProblemError(HTTPStatus.UNPROCESSABLE_ENTITY, "The address cannot be read.", errors=[wrong])
    return normal


def _refuse_unknown_brand(world: World, brand: str, field: str) -> None:
    if brand not in world.brands:
        fix = f"name one of {', '.join(sorted(world.brands))}"
        wrong = FieldProblem(field=field, reason="names a brand that is not configured", fix=fix)
        raise ProblemError(HTTPStatus.UNPROCESSABLE_ENTITY, "There is no such brand.", errors=[wrong])
