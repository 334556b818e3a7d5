"""Settings: the environment wins over the file, the file over the defaults, and every mistake is named."""

from pathlib import Path

import pytest

from fanfare.settings import Settings, SettingsError, load, public_values

SECRET = "a-secret-of-this-test"


def written(folder: Path, text: str) -> Path:
    (folder / "fanfare.toml").write_text(text, encoding="utf-8")
    return folder


def test_without_a_file_everything_is_at_its_default_and_nothing_goes_out(tmp_path: Path) -> None:
    loaded = load(tmp_path, {})

    assert loaded.settings == Settings()
    assert not loaded.settings.live
    assert set(loaded.origins.values()) == {"default"}


def test_the_environment_wins_over_the_file_and_says_so(tmp_path: Path) -> None:
    written(tmp_path, '[sms]\nbase_url = "http://127.0.0.1:1"\nprovider = "lab"\n')

    loaded = load(tmp_path, {"FANFARE_SMS__BASE_URL": "http://127.0.0.1:2", "HOME": "/nowhere"})

    assert (loaded.settings.sms.base_url, loaded.settings.sms.provider) == ("http://127.0.0.1:2", "lab")
    assert loaded.origins["sms.base_url"] == "FANFARE_SMS__BASE_URL"
    assert loaded.origins["sms.provider"] == "fanfare.toml"
    assert loaded.origins["sms.concurrency"] == "default"


def test_another_file_may_be_named(tmp_path: Path) -> None:
    other = tmp_path / "other.toml"
    other.write_text("live = true\n")

    assert load(tmp_path, {"FANFARE_CONFIG": str(other)}).settings.live


def test_a_list_in_the_environment_is_json(tmp_path: Path) -> None:
    loaded = load(tmp_path, {"FANFARE_POLICY__KEYWORDS": '["registration", "parking"]'})

    assert loaded.settings.policy.keywords == ("registration", "parking")


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("sms = [", "not valid TOML"),
        ("[sms]\nbase_ulr = 'x'\n", "sms.base_ulr: unknown key; did you mean sms.base_url?"),
        ("nonsense = 1\n", "nonsense: unknown key"),
        ("[sms]\ntotal_timeout_seconds = 60\n", "sms.total_timeout_seconds: Input should be less than or equal to 25"),
        (
            "[[senders]]\nname = 'a'\nchannel = 'sms'\nbrands = ['x']\naddress = 'y'\nrate_per_second = 1\n" * 2,
            "two [[senders]] have the same name",
        ),
    ],
)
def test_a_mistake_is_named_with_its_place_and_its_fix(tmp_path: Path, text: str, told: str) -> None:
    with pytest.raises(SettingsError) as caught:
        load(written(tmp_path, text), {})

    assert told in str(caught.value)
    assert "fanfare.toml" in str(caught.value)


def test_a_mistake_in_the_environment_is_named_by_its_variable(tmp_path: Path) -> None:
    with pytest.raises(SettingsError, match="environment FANFARE_SMS__CONCURRENCY"):
        load(tmp_path, {"FANFARE_SMS__CONCURRENCY": "many"})


def test_variables_that_say_where_things_are_are_no_settings(tmp_path: Path) -> None:
    load(tmp_path, {"FANFARE_DATA": "/x", "FANFARE_KEY_FILE": "/y", "FANFARE_SUPERVISOR": "1"})


def test_no_secret_is_shown(tmp_path: Path) -> None:
    settings = load(tmp_path, {"FANFARE_SMS__AUTH_TOKEN": SECRET}).settings

    assert settings.sms.auth_token.get_secret_value() == SECRET
    assert SECRET not in repr(settings) + str(public_values(settings))
    assert public_values(settings)["sms.auth_token"] == "**********"


def test_links_and_callbacks_begin_at_the_public_address_unless_told_otherwise(tmp_path: Path) -> None:
    plain = load(tmp_path, {"FANFARE_WEB__PUBLIC_URL": "https://fans.example/"}).settings
    told = load(
        tmp_path,
        {"FANFARE_LINKS__BASE_URL": "https://fanf.example/", "FANFARE_WEB__WEBHOOK_URL": "https://hooks.example"},
    ).settings

    assert (plain.public_link_base, plain.callback_base) == ("https://fans.example", "https://fans.example")
    assert (told.public_link_base, told.callback_base) == ("https://fanf.example", "https://hooks.example")
