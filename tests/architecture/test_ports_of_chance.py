"""Time, randomness and ids are ports: nothing outside their adapters reads the machine's (ADR 0007)."""

import ast
from fnmatch import fnmatch

import pytest

from tests.architecture import source

BANNED = (
    "datetime.date.today",
    "datetime.datetime.now",
    "datetime.datetime.today",
    "datetime.datetime.utcnow",
    "os.getrandom",
    "os.urandom",
    "random.*",
    "secrets.*",
    "time.*",
    "uuid.uuid1",
    "uuid.uuid4",
)

ALLOWED = {
    "engines/embedded/clock.py": "the wall clock and the monotonic one",
    "engines/embedded/ids.py": "internal random references",
    "engines/embedded/vault.py": "keys and nonces",
    "engines/embedded/process*.py": "leases and supervision run on monotonic seconds",
    "partners/http.py": "transport limits run on monotonic seconds",
    "lab/*": "the practice stage is the outside world",
    "doors/*": "the edge of the process",
    "wiring.py": "chooses the clock",
}


def machine_reads(tree: ast.Module) -> list[str]:
    """Each use of the machine's clock or chance, as ``line 7: time.monotonic``; aliases are seen through."""
    names = source.origins(tree)
    found: list[str] = []
    for node in ast.walk(tree):
        if isinstance(node, ast.Attribute | ast.Name):
            name = source.dotted(node, names)
            if name and any(fnmatch(name, banned) for banned in BANNED):
                found.append(f"line {node.lineno}: {name}")
    return found


def test_time_chance_and_ids_enter_only_through_their_adapters() -> None:
    guilty = [
        f"{module.place} {use}"
        for module in source.modules()
        if not any(fnmatch(module.place, allowed) for allowed in ALLOWED)
        for use in machine_reads(module.tree)
    ]

    assert not guilty, "take a Clock, Ids or Vault port instead:\n" + "\n".join(guilty)


@pytest.mark.parametrize(
    "code",
    [
        "import time\ntime.sleep(1)",
        "import time as t\nt.monotonic_ns()",
        "from time import perf_counter as tick\ntick()",
        "from datetime import datetime, UTC\ndatetime.now(UTC)",
        "import datetime as dt\ndt.datetime.utcnow()",
        "from datetime import date\ndate.today()",
        "from uuid import uuid4\nuuid4()",
        "import random\nrandom.Random(1).random()",
        "import os\nos.urandom(8)",
        "import secrets\nsecrets.token_hex()",
        "def wait():\n    import time\n    time.sleep(1)",
        "from dataclasses import field\nimport time\nat = field(default_factory=time.time)",
    ],
)
def test_the_reader_sees_through_aliases(code: str) -> None:
    assert machine_reads(ast.parse(code))


@pytest.mark.parametrize(
    "code",
    [
        "from datetime import datetime, time\ndatetime.fromtimestamp(0)\ntime(8, 0)",
        "import uuid\nuuid.uuid5(uuid.NAMESPACE_URL, 'x')",
        "def at(clock):\n    return clock.now()",
        "time = 3\nprint(time)",
    ],
)
def test_the_reader_leaves_the_innocent_alone(code: str) -> None:
    assert not machine_reads(ast.parse(code))
