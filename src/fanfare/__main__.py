"""``python -m fanfare`` and the ``fanfare`` script."""


def main() -> None:
    """Run the command line."""
    from fanfare.doors.cli.app import app

    app(prog_name="fanfare")


if __name__ == "__main__":
    main()
