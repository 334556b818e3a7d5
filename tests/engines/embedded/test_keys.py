"""The store key's file: outside, the owner's only, never replaced."""

from pathlib import Path

import pytest

from fanfare.engines.embedded import keys
from fanfare.engines.embedded.store import EmbeddedEngine
from fanfare.engines.embedded.vault import new_store_key
from fanfare.ports.faults import Permanent


def test_a_key_comes_back_as_it_was_written(key_file: Path) -> None:
    secret = new_store_key()

    keys.create_key_file(key_file, secret)

    assert keys.read_key_file(key_file) == secret
    assert key_file.stat().st_mode & 0o777 == 0o600


def test_a_key_in_use_is_never_replaced(key_file: Path) -> None:
    keys.create_key_file(key_file, new_store_key())

    with pytest.raises(Permanent, match="must not be replaced"):
        keys.create_key_file(key_file, new_store_key())


def test_a_key_that_others_may_read_is_refused_with_the_fix(key_file: Path) -> None:
    keys.create_key_file(key_file, new_store_key())
    key_file.chmod(0o640)

    with pytest.raises(Permanent, match="chmod 600"):
        keys.read_key_file(key_file)


@pytest.mark.parametrize("content", ["", "hello", "fanfare-store-key-v1:", "fanfare-store-key-v1:AAAA", "é"])
def test_what_is_no_key_is_refused(key_file: Path, content: str) -> None:
    key_file.write_text(content)
    key_file.chmod(0o600)

    with pytest.raises(Permanent, match="not a Fanfare key"):
        keys.read_key_file(key_file)


def test_a_missing_key_names_the_fix(key_file: Path) -> None:
    with pytest.raises(Permanent, match="FANFARE_KEY_FILE"):
        keys.read_key_file(key_file)


def test_a_key_inside_the_data_directory_is_refused(data_dir: Path) -> None:
    with pytest.raises(Permanent, match="inside the data directory"):
        EmbeddedEngine.create(data_dir, data_dir / "sub" / "key")


def test_another_stores_key_opens_nothing(engine: EmbeddedEngine, data_dir: Path, tmp_path: Path) -> None:
    assert engine.data_dir == data_dir
    keys.create_key_file(tmp_path / "other", new_store_key())

    with pytest.raises(Permanent, match="another store key"):
        EmbeddedEngine.open(data_dir, tmp_path / "other")
