"""Tests mirror the source: ``rules/waves.py`` is proved by ``tests/rules/test_waves.py``."""

from tests.architecture import source

ROOMS = ("model", "rules", "ports", "workers")
EXCEPTIONS = source.TESTS / "architecture" / "mirror_exceptions.txt"


def untested() -> frozenset[str]:
    """Modules of the mirrored rooms that have no test of their stem, as ``rules/waves.py``."""
    return frozenset(
        module.place
        for module in source.modules()
        for room, _, rest in [module.place.partition("/")]
        if room in ROOMS and module.path.name != "__init__.py"
        if not (source.TESTS / room / rest).with_name(f"test_{module.path.name}").exists()
    )


def exceptions() -> dict[str, str]:
    """What may go without, and why."""
    rows = [line.partition(":") for line in EXCEPTIONS.read_text().splitlines() if not line.startswith("#")]
    return {place.strip(): reason.strip() for place, _, reason in rows}


def test_each_module_has_a_test_of_its_stem() -> None:
    assert not sorted(untested() - exceptions().keys())


def test_no_exception_is_stale() -> None:
    assert not sorted(exceptions().keys() - untested())


def test_each_exception_has_its_reason() -> None:
    assert not [place for place, reason in exceptions().items() if not reason]
