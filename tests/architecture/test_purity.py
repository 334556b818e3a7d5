"""Model is standard library only; rules add what knows phones, locales and letters.

An allow-list, where .importlinter can only list what is forbidden.
"""

import sys

from tests.architecture import source

RULES_ALLOWED = frozenset({"anyascii", "babel", "phonenumbers"})


def strangers(room: str, allowed: frozenset[str]) -> list[str]:
    """Imports of ``room`` that are neither the standard library, nor Fanfare, nor allowed."""
    known = sys.stdlib_module_names | {"fanfare"} | allowed
    return [
        f"{module.place}: {name}"
        for module in source.modules()
        if module.place.startswith(f"{room}/")
        for name in source.imports(module.tree)
        if name.partition(".")[0] not in known
    ]


def test_the_model_needs_nothing_but_the_standard_library() -> None:
    assert not strangers("model", frozenset())


def test_rules_need_nothing_but_phones_locales_and_letters() -> None:
    assert not strangers("rules", RULES_ALLOWED)
