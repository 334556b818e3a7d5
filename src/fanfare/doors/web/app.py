"""The web door as one ASGI app: API, GraphQL, webhooks, fan pages, health."""

from collections.abc import AsyncGenerator, Callable
from contextlib import asynccontextmanager
from importlib.metadata import version

from fastapi import APIRouter, FastAPI
from starlette.responses import Response

from fanfare.doors.web import (
    demands,
    events,
    fans,
    graphql_queries,
    health,
    metrics,
    notifications,
    openapi,
    pages,
    problems,
    redirects,
    sales,
    unsubscribe,
    webhooks,
    why,
)
from fanfare.doors.web.access import is_open
from fanfare.doors.web.door import Caps, Door, Quotas
from fanfare.doors.web.edge import Edge
from fanfare.doors.web.quotas import Quota
from fanfare.doors.web.worlds import Worlds
from fanfare.ports.api_keys import ApiKeys
from fanfare.settings import Settings
from fanfare.topology import World

THREADS = 4
"""Each with a world of its own; the store answers most questions in well under a millisecond."""
PARTNER_THREADS = 8
"""Each may wait up to 10 s for a partner."""
STYLE_KEPT_SECONDS = 3600
MINUTE_SECONDS = 60

ROUTERS: tuple[APIRouter, ...] = (
    demands.router,
    fans.router,
    events.router,
    sales.router,
    notifications.router,
    why.router,
    graphql_queries.router,
    health.router,
    metrics.router,
    unsubscribe.router,
)

assets = APIRouter(include_in_schema=False)


def create_app(
    world_factory: Callable[[], World], settings: Settings, keys: ApiKeys, *, caps: Caps | None = None
) -> FastAPI:
    """Return the web door.

    Args:
        world_factory: makes a world; called once in each thread that works on one.
        settings: what was set.
        keys: who may call.
        caps: how often; the defaults where it is left out.
    """
    door = _door(world_factory, settings, keys, caps or Caps())
    app = FastAPI(
        title="Fanfare",
        version=version("fanfare"),
        docs_url=None,  # its pages load scripts from elsewhere
        redoc_url=None,
        redirect_slashes=False,  # it leads to whatever host the request names
        lifespan=_lifespan,
        # Spans and logs of the framework would carry link tokens and validation input.
        telemetry={"tracing": False, "metrics": False, "logs": False, "operation_spans": False},
    )
    app.state.door = door
    app.state.graphql_schema = graphql_queries.load_schema()
    app.router.routes.extend(webhooks.routes(door))  # first: looked up first
    for router in (*ROUTERS, assets, redirects.router):  # redirects last: a code at the root looks like any path
        app.include_router(router)
    problems.register(app)
    openapi.describe(app)
    app.add_middleware(Edge, is_https=settings.web.public_url.startswith("https://"))
    return app


@assets.get(pages.STYLE_PATH, dependencies=[is_open("the style sheet of the fans' pages")])
async def fan_style() -> Response:
    """Return the style sheet of the fans' pages."""
    headers = {"Cache-Control": f"public, max-age={STYLE_KEPT_SECONDS}"}
    return Response(pages.style(), media_type="text/css", headers=headers)


def _door(world_factory: Callable[[], World], settings: Settings, keys: ApiKeys, caps: Caps) -> Door:
    return Door(
        settings=settings,
        keys=keys,
        caps=caps,
        quotas=Quotas(
            keys=Quota(caps.key_per_minute, MINUTE_SECONDS),
            opt_in_peers=Quota(caps.opt_ins_per_peer_and_minute, MINUTE_SECONDS),
            opt_ins=Quota(caps.opt_ins_per_minute, MINUTE_SECONDS),
        ),
        worlds=Worlds(world_factory, name="web", size=THREADS),
        partner_worlds=Worlds(world_factory, name="partners", size=PARTNER_THREADS),
        hook_worlds=Worlds(world_factory, name="hooks", size=1),
    )


@asynccontextmanager
async def _lifespan(app: FastAPI) -> AsyncGenerator[None]:
    yield
    app.state.door.close()
