"""Imports go one way (ADR 0002): the contracts hold, and each of them can be broken."""

import configparser
import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from tests.architecture import source

LINT_IMPORTS = Path(sys.executable).with_name("lint-imports")

# One broken rule per contract: where the line is planted, the line, and the contract's name as it is printed.
PLANTED = (
    ("model/planted.py", "import fanfare.doors.cli", "Layers"),
    ("newroom/__init__.py", "", "Layers"),
    ("engines/embedded/planted_rules.py", "import fanfare.rules", "Engines and partners"),
    ("workers/planted_a.py", "import fanfare.workers.planted_b", "Workers are mutually"),
    ("workers/planted_b.py", "", "Workers are mutually"),
    ("engines/planted/__init__.py", "import fanfare.engines.embedded", "Engines are mutually"),
    ("partners/planted_a.py", "import fanfare.partners.planted_b", "Partners are mutually"),
    ("partners/planted_b.py", "import pycurl", "Partners are mutually"),
    ("lab/planted.py", "import fanfare.model", "The practice stage"),
    ("rules/planted.py", "import socket", "Model and rules"),
    ("rules/planted_apsw.py", "import apsw", "Vendors fenced: SQLite"),
    ("workers/planted_pycurl.py", "import pycurl", "Vendors fenced: libcurl"),
    ("workers/planted_cryptography.py", "import cryptography", "Vendors fenced: cryptography"),
    ("doors/cli/planted_fastapi.py", "import fastapi", "Vendors fenced: the web framework"),
    ("doors/web/planted_rich.py", "import rich", "Vendors fenced: the terminal"),
    ("doors/web/planted_aiosmtpd.py", "import aiosmtpd", "Vendors fenced: the servers"),
)


def lint(where: Path) -> subprocess.CompletedProcess[str]:
    """import-linter over the package in ``where/src``, with the contracts of this repository."""
    return subprocess.run(
        [LINT_IMPORTS, "--no-cache", "--config", source.ROOT / ".importlinter"],
        cwd=where,
        env=os.environ | {"PYTHONPATH": str(where / "src"), "NO_COLOR": "1", "COLUMNS": "200"},
        capture_output=True,
        text=True,
        check=False,
    )


def test_every_import_contract_holds() -> None:
    result = lint(source.ROOT)

    assert result.returncode == 0, result.stdout + result.stderr


@pytest.fixture(scope="module")
def broken(tmp_path_factory: pytest.TempPathFactory) -> str:
    """What import-linter says of a copy of the package in which every contract is broken once."""
    copy = tmp_path_factory.mktemp("planted")
    shutil.copytree(source.SRC, copy / "src" / "fanfare")
    for place, line, _ in PLANTED:
        path = copy / "src" / "fanfare" / place
        path.parent.mkdir(exist_ok=True)
        path.write_text(f"{line}\n")
    return lint(copy).stdout


@pytest.mark.parametrize("contract", sorted({name for _, _, name in PLANTED}))
def test_a_planted_import_breaks_its_contract(broken: str, contract: str) -> None:
    assert [line for line in broken.splitlines() if line.startswith(contract) and " BROKEN" in line], broken


def test_a_new_top_level_folder_breaks_the_layers(broken: str) -> None:
    assert "newroom" in broken


def test_every_contract_has_a_planted_import() -> None:
    config = configparser.ConfigParser()
    config.read(source.ROOT / ".importlinter")
    names = [config[section]["name"] for section in config.sections() if ":contract:" in section]

    assert names
    assert not [name for name in names if not any(name.startswith(planted) for _, _, planted in PLANTED)]
