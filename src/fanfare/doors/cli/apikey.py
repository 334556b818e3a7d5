"""``fanfare apikey``: who may call the web API."""

from typing import Annotated

import typer

from fanfare.doors.cli import frame, screen
from fanfare.doors.cli.exits import CommandError, ExitCode
from fanfare.ports.api_keys import ApiKey, Scope

app = frame.group("Keys of the web API: create, revoke, list.")


@frame.command(app, "create")
def create(
    ctx: typer.Context,
    person: Annotated[str, typer.Option(help="Who answers for the key.")],
    scope: Annotated[list[Scope], typer.Option(help="What it may do; give it several times.")],
) -> None:
    """Make a key. Its secret is shown once and stored nowhere."""
    from fanfare.doors.cli.opening import opened

    desk = frame.of(ctx)
    with opened(desk) as here:
        secret = here.engine.api_keys.create(person, frozenset(scope))
        key = here.engine.api_keys.check(secret)
    made = {"key_id": key.key_id if key else None, "secret": secret, "person": person, "scopes": sorted(set(scope))}
    desk.answer(made, lambda: _tell_made(secret))


@frame.command(app, "revoke")
def revoke(
    ctx: typer.Context, key_id: Annotated[str, typer.Argument(metavar="KEY", help="An id from the list.")]
) -> None:
    """End a key at once."""
    from fanfare.doors.cli.opening import opened

    desk = frame.of(ctx)
    with opened(desk) as here:
        known = {key.key_id for key in here.engine.api_keys.list()}
        if key_id not in known:
            raise CommandError(f"there is no key {key_id}", fix="see: fanfare apikey list", code=ExitCode.NOT_FOUND)
        was_live = here.engine.api_keys.revoke(key_id)
    desk.answer(
        {"key_id": key_id, "revoked": True, "was_live": was_live},
        lambda: screen.line(f"{key_id} is revoked" if was_live else f"{key_id} was revoked before"),
    )


@frame.command(app, "list")
def list_(ctx: typer.Context) -> None:
    """List every key, revoked ones too."""
    from fanfare.doors.cli.opening import opened

    desk = frame.of(ctx)
    with opened(desk) as here:
        keys = here.engine.api_keys.list()
    desk.answer({"keys": [_row(key) for key in keys]}, lambda: _tell(keys))


def _row(key: ApiKey) -> dict[str, object]:
    return {
        "key_id": key.key_id,
        "person": key.person,
        "scopes": sorted(key.scopes),
        "created_at": key.created_at,
        "revoked_at": key.revoked_at,
    }


def _tell(keys: tuple[ApiKey, ...]) -> None:
    rows = [(key.key_id, key.person, " ".join(sorted(key.scopes)), key.created_at, key.revoked_at) for key in keys]
    screen.table(("key", "person", "scopes", "created", "revoked"), rows)


def _tell_made(secret: str) -> None:
    screen.line(secret)
    screen.note("This is the only time that it is shown: keep it where secrets are kept.")
