"""``fanfare apikey``."""

from pathlib import Path

from tests.doors.cli.command_line import answer, error_of, run
from tests.doors.cli.stores import engine_of


def test_a_key_lives_from_its_making_to_its_revoking(data_dir: Path) -> None:
    made = answer("apikey", "create", "--person", "Ann", "--scope", "why:read", "--scope", "events:read", data=data_dir)
    with engine_of(data_dir) as engine:
        assert engine.api_keys.check(made["secret"]) is not None

    told = answer("apikey", "revoke", made["key_id"], data=data_dir)

    assert (told["revoked"], told["was_live"]) == (True, True)
    with engine_of(data_dir) as engine:
        assert engine.api_keys.check(made["secret"]) is None
    assert not answer("apikey", "revoke", made["key_id"], data=data_dir)["was_live"]


def test_the_list_shows_no_secret(data_dir: Path) -> None:
    secret = answer("apikey", "create", "--person", "Ann", "--scope", "admin", data=data_dir)["secret"]

    (key,) = answer("apikey", "list", data=data_dir)["keys"]

    assert (key["person"], key["scopes"], key["revoked_at"]) == ("Ann", ["admin"], None)
    assert secret not in run("apikey", "list", data=data_dir).output


def test_the_secret_alone_is_on_stdout(data_dir: Path) -> None:
    result = run("apikey", "create", "--person", "Ann", "--scope", "admin", data=data_dir)

    assert result.stdout.startswith("fanfare_")
    assert "only time" in result.stderr


def test_an_unknown_scope_or_key_is_told(data_dir: Path) -> None:
    wrong = run("apikey", "create", "--person", "Ann", "--scope", "everything", data=data_dir)
    unknown = run("apikey", "revoke", "nothing", data=data_dir)

    assert (wrong.exit_code, unknown.exit_code) == (2, 3)
    assert "'demands:write'" in error_of(wrong)
    assert "there is no key nothing" in error_of(unknown)
