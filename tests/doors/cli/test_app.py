"""The command line as a whole: its help, its errors, its exit codes."""

import json
import subprocess
import sys
from pathlib import Path

import pytest
from typer.core import TyperGroup

from fanfare.doors.cli import app
from tests.doors.cli.command_line import answer, error_of, process, run

HEAVY = ("apsw", "babel", "cryptography", "fastapi", "phonenumbers", "prometheus_client", "pycurl", "pydantic", "rich")


def test_help_lists_every_command() -> None:
    text = run("--help").stdout

    assert [name for name in app.COMMANDS if f"\n  {name} " not in text] == []


def test_help_imports_nothing_heavy() -> None:
    code = (
        "import sys\nfrom fanfare.__main__ import main\nsys.argv = ['fanfare', '--help']\n"
        f"try:\n    main()\nexcept SystemExit:\n    print([m for m in {HEAVY!r} if m in sys.modules], file=sys.stderr)"
    )

    told = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)

    assert told.stderr.strip() == "[]"


@pytest.mark.parametrize("name", sorted(app.COMMANDS))
def test_each_command_explains_itself_and_takes_the_options_of_all(name: str) -> None:
    result = run(name, "--help")

    assert result.exit_code == 0
    assert all(option in result.stdout for option in ("--data DIR", "--json", "--debug"))


def test_what_is_said_of_a_group_in_the_list_is_what_it_says_itself() -> None:
    for name, later in app.COMMANDS.items():
        if isinstance(app.load(name), TyperGroup):
            assert later.about in run(name, "--help").stdout


def test_the_version_is_told() -> None:
    assert run("--version").stdout.startswith("fanfare ")


def test_nothing_asked_shows_the_help() -> None:
    assert run().stdout == run("--help").stdout


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (["smz"], "No such command 'smz'. Did you mean 'sms'?"),
        (["sale", "shw"], "No such command 'shw'"),
        (["doctor", "--ofline"], "No such option: --ofline"),
        (["sale", "show"], "Missing argument 'SALE'"),
        (["sale", "list", "--limit", "many"], "Invalid value for '--limit'"),
        (["message", "preview", "--event", "e", "--sale", "s", "--locale", "de"], "Invalid value for '--locale'"),
    ],
)
def test_a_wrong_command_line_is_one_line_with_its_fix(words: list[str], said: str) -> None:
    result = run(*words)

    assert result.exit_code == 2
    assert said in error_of(result)
    assert result.stdout == ""


def test_an_error_is_json_too_where_json_was_asked() -> None:
    told = answer("sale", "list", code=3)

    assert told["error"]["exit_code"] == 3
    assert "FANFARE_DATA" in told["error"]["fix"]


def test_a_usage_error_is_json_too() -> None:
    assert answer("nothing", code=2)["error"]["what"].startswith("No such command")


def test_the_options_of_all_may_stand_before_the_command(data_dir: Path) -> None:
    told = run("--json", "--data", data_dir, "sale", "list")

    assert json.loads(told.stdout) == {"sales": []}


def test_the_data_directory_may_come_from_the_environment(data_dir: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("FANFARE_DATA", str(data_dir))

    assert answer("sale", "list") == {"sales": []}


def test_the_current_folder_may_be_the_data_directory(data_dir: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(data_dir)

    assert answer("sale", "list") == {"sales": []}


def test_a_folder_that_is_none_is_not_found(tmp_path: Path) -> None:
    result = run("sale", "list", data=tmp_path)

    assert result.exit_code == 3
    assert "is no data directory" in error_of(result)


@pytest.mark.parametrize(
    ("line", "said"),
    [
        ("livee = false", "livee: unknown key; did you mean live?"),
        ("live = ", "not valid TOML"),
        ("live = 7", "live: Input should be a valid boolean"),
        ("[web]\nport = 70000", "web.port: Input should be less than or equal to 65535"),
    ],
)
def test_a_wrong_setting_is_one_line_that_names_its_place(line: str, said: str, data_dir: Path) -> None:
    (data_dir / "fanfare.toml").write_text(line)

    result = run("sale", "list", data=data_dir)

    assert result.exit_code == 2
    assert f"fanfare.toml: {said}" in error_of(result)


def test_a_missing_key_file_says_how_to_name_it(data_dir: Path) -> None:
    data_dir.with_name("data.key").unlink()

    result = run("sale", "list", data=data_dir)

    assert result.exit_code == 4
    assert "set FANFARE_KEY_FILE" in error_of(result)


def test_a_defect_is_told_as_one_and_debug_shows_where(data_dir: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def broken(_: object) -> None:
        raise ZeroDivisionError("a planted defect")

    monkeypatch.setattr("fanfare.doors.cli.sale_view.tell_rows", broken)

    plain, debugged = run("sale", "list", data=data_dir), run("sale", "list", "--debug", data=data_dir)

    assert (plain.exit_code, debugged.exit_code) == (70, 70)
    assert "ZeroDivisionError: a planted defect" in error_of(plain)
    assert "Traceback" in debugged.stderr


def test_the_real_process_does_the_same(tmp_path: Path) -> None:
    made = process("init", tmp_path / "d", "--json")
    listed = process("sale", "list", "--json", cwd=tmp_path / "d")
    wrong = process("sale", "show", "x:public", cwd=tmp_path / "d")

    assert json.loads(made.stdout)["data_dir"] == str(tmp_path / "d")
    assert json.loads(listed.stdout) == {"sales": []}
    assert (wrong.returncode, wrong.stdout) == (3, "")
    assert wrong.stderr == "error: there is no sale x:public. Fix: see: fanfare sale list.\n"
