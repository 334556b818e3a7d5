"""Dependencies are declared once, locked by hash, and the same version stands in every lock (QUAL-4)."""

import re
import tomllib
from typing import Any, cast

import pytest

from tests.architecture import source

LOCKS = ("run.lock", "dev.lock", "bench.lock")
PIN = re.compile(r"^([A-Za-z0-9._-]+)(?:\[[^]]*])?==([^\s;\\]+)", re.MULTILINE)
# Where the module is not called like its package; the rest are the package's name with underscores.
MODULES = {"python-json-logger": "pythonjsonlogger"}


def project() -> dict[str, Any]:
    return tomllib.loads((source.ROOT / "pyproject.toml").read_text(encoding="utf-8"))


def lock(name: str) -> str:
    return (source.ROOT / "requirements" / name).read_text(encoding="utf-8")


def pins(text: str) -> set[tuple[str, str]]:
    """Name and version of everything a lock holds; one name may have several, by marker."""
    return {(normal(name), version) for name, version in PIN.findall(text)}


def normal(name: str) -> str:
    return re.sub(r"[-_.]+", "-", name).lower()


def package_of(requirement: str) -> str:
    return normal(re.split(r"[\[<>=!~; ]", requirement, maxsplit=1)[0])


@pytest.mark.parametrize("name", LOCKS)
def test_a_lock_names_no_host_and_no_path(name: str) -> None:
    assert not re.findall(r"^.*(?:://|file:|(?:^|[ =])/[a-z]).*$", lock(name), re.MULTILINE)


@pytest.mark.parametrize("name", LOCKS)
def test_every_pin_has_a_hash(name: str) -> None:
    blocks = re.split(r"\n(?=[A-Za-z0-9])", re.sub(r"^#.*\n", "", lock(name), flags=re.MULTILINE).strip())

    assert blocks
    assert not [block.partition(" ")[0] for block in blocks if "--hash=sha256:" not in block]


def test_a_library_has_one_version_in_every_lock() -> None:
    run, dev, bench = (dict(pins(lock(name))) for name in LOCKS)

    assert not {name for name in run if run[name] != dev.get(name)}
    assert not {name for name in bench.keys() & dev.keys() if bench[name] != dev[name]}


def test_every_declared_dependency_is_locked() -> None:
    declared = {package_of(requirement) for requirement in cast("list[str]", project()["project"]["dependencies"])}

    assert not declared - {name for name, _ in pins(lock("run.lock"))}


def test_nothing_is_called_unused_that_is_imported_by_now() -> None:
    unused = cast("list[str]", project()["tool"]["deptry"]["per_rule_ignores"]["DEP002"])
    imported = {name.partition(".")[0] for module in source.modules() for name in source.imports(module.tree)}

    assert not [name for name in unused if MODULES.get(name, name.replace("-", "_")) in imported]


@pytest.mark.parametrize(
    "requirement", ["celery[redis]>=5", "celery >=5", "Celery", "celery; python_version > '3'", "celery~=5.4"]
)
def test_a_requirement_is_read_by_its_name(requirement: str) -> None:
    assert package_of(requirement) == "celery"
