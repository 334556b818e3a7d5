"""``fanfare config``: what is set, and where each value came from."""

import typer

from fanfare.doors.cli import frame, screen

app = frame.group("Settings: each value and where it came from.")


@frame.command(app, "show")
def show(ctx: typer.Context) -> None:
    """Show each setting: its value (secrets masked) and where it came from."""
    from fanfare import settings

    desk = frame.of(ctx)
    loaded = settings.load(desk.data_dir())
    values = settings.public_values(loaded.settings)
    rows = [{"key": key, "value": value, "from": loaded.origins[key]} for key, value in values.items()]
    desk.answer(
        {"settings": rows},
        lambda: screen.table(("key", "value", "from"), [(row["key"], row["value"], row["from"]) for row in rows]),
    )
