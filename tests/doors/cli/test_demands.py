"""``fanfare demands``: good rows are stored, refused rows come back with what to mend."""

import csv
import json
import stat
from pathlib import Path

import pytest

from tests.doors.cli.command_line import answer, error_of, run
from tests.doors.cli.demand_samples import GOOD, as_csv, as_ndjson, refused_rows, row


def written(path: Path, text: str, encoding: str = "utf-8") -> Path:
    path.write_bytes(text.encode(encoding))
    return path


def read_csv(path: Path) -> list[dict[str, str]]:
    with path.open(newline="", encoding="utf-8") as file:
        return list(csv.DictReader(file))


def test_rows_are_counted(data_dir: Path, tmp_path: Path) -> None:
    file = written(tmp_path / "d.csv", as_csv([GOOD, row(fan_id="fan-2", address="+12125550124")]))

    told = answer("demands", "import", file, data=data_dir)

    assert told == {"rows": 2, "stored": 2, "unchanged": 0, "refused": 0, "refused_file": None, "reasons": {}}


def test_importing_twice_changes_nothing(data_dir: Path, tmp_path: Path) -> None:
    file = written(tmp_path / "d.csv", as_csv([GOOD]))
    answer("demands", "import", file, data=data_dir)

    told = answer("demands", "import", file, data=data_dir)

    assert (told["stored"], told["unchanged"]) == (0, 1)


@pytest.mark.parametrize("field", sorted(refused_rows()))
def test_a_wrong_field_is_named_with_its_reason_and_fix(field: str, data_dir: Path, tmp_path: Path) -> None:
    file = written(tmp_path / "d.csv", as_csv([GOOD, refused_rows()[field]]))

    told = answer("demands", "import", file, data=data_dir)

    assert (told["stored"], told["refused"]) == (1, 1)
    (refused,) = read_csv(Path(told["refused_file"]))
    assert refused["field"] == field
    assert refused["reason"]
    assert refused["fix"]


def test_refused_rows_lie_beside_the_input_for_its_owner_only(data_dir: Path, tmp_path: Path) -> None:
    file = written(tmp_path / "d.csv", as_csv(refused_rows().values()))

    told = answer("demands", "import", file, data=data_dir, code=1)

    path = Path(told["refused_file"])
    assert path == tmp_path / "d.csv.refused.csv"
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert sum(told["reasons"].values()) == told["refused"] == len(refused_rows())


def test_a_mended_refused_file_is_taken_as_it_is(data_dir: Path, tmp_path: Path) -> None:
    file = written(
        tmp_path / "d.csv", as_csv([row(fan_id="fan-9", brand="nobody"), row(fan_id="fan-8", zone="Mars/X")])
    )
    refused = Path(answer("demands", "import", file, data=data_dir, code=1)["refused_file"])
    mended = refused.read_text().replace("nobody", "ticketmaster").replace("Mars/X", "America/New_York")
    refused.write_text(mended)

    told = answer("demands", "import", refused, data=data_dir)

    assert (told["rows"], told["stored"], told["refused"]) == (2, 2, 0)


def test_a_row_refused_twice_carries_its_reason_once(data_dir: Path, tmp_path: Path) -> None:
    file = written(tmp_path / "d.csv", as_csv([row(brand="nobody")]))
    once = Path(answer("demands", "import", file, data=data_dir, code=1)["refused_file"])

    twice = Path(answer("demands", "import", once, data=data_dir, code=1)["refused_file"])

    assert twice.read_text() == once.read_text()


def test_ndjson_goes_the_same_way(data_dir: Path, tmp_path: Path) -> None:
    lines = as_ndjson([GOOD, row(fan_id="fan-2", brand="nobody")]) + "{broken\n" + '{"fan_id": 7}\n'
    file = written(tmp_path / "d.ndjson", lines)

    told = answer("demands", "import", file, data=data_dir)

    refused = [json.loads(line) for line in Path(told["refused_file"]).read_text().splitlines()]
    assert (told["rows"], told["stored"], told["refused"]) == (4, 1, 3)
    assert [each["field"] for each in refused] == ["brand", "row", "fan_id"]
    assert refused[1]["line"] == "{broken"


def test_a_mended_ndjson_file_is_taken_as_it_is(data_dir: Path, tmp_path: Path) -> None:
    file = written(tmp_path / "d.ndjson", as_ndjson([row(brand="nobody")]))
    refused = Path(answer("demands", "import", file, data=data_dir, code=1)["refused_file"])
    refused.write_text(refused.read_text().replace("nobody", "livenation"))

    assert answer("demands", "import", refused, data=data_dir)["stored"] == 1


@pytest.mark.parametrize(
    ("text", "encoding"),
    [
        (as_csv([GOOD]), "utf-8-sig"),
        (as_csv([GOOD], end="\r\n"), "utf-8"),
        (as_csv([GOOD]) + "\n\n", "utf-8"),
        (as_csv([GOOD], [*GOOD, "note"]), "utf-8"),
        (as_csv([GOOD], [name for name in GOOD if name != "sale_id"]), "utf-8"),
    ],
    ids=["byte-order mark", "CRLF", "empty lines", "an extra column", "no sale_id column"],
)
def test_files_as_programs_write_them_are_read(text: str, encoding: str, data_dir: Path, tmp_path: Path) -> None:
    assert answer("demands", "import", written(tmp_path / "d.csv", text, encoding), data=data_dir)["stored"] == 1


@pytest.mark.parametrize(
    ("raw", "said"),
    [
        (as_csv([GOOD]).replace(",", ";").encode(), "line 1: cells are separated by semicolons"),
        (as_csv([GOOD]).replace(",", "\t").encode(), "line 1: cells are separated by tabs"),
        (as_csv([GOOD]).encode("utf-16"), "is UTF-16"),
        (b"", "is empty"),
        (b"\n \n", "is empty"),
        (b"[]", "line 1: is a JSON list"),
        (
            as_csv([GOOD], [name for name in GOOD if name != "consent_at"]).encode(),
            "line 1: the header lacks consent_at",
        ),
        (as_csv([GOOD], [*GOOD, "address"]).encode(), "line 1: address stands twice"),
    ],
)
def test_a_file_that_cannot_be_read_says_where_and_stores_nothing(
    raw: bytes, said: str, data_dir: Path, tmp_path: Path
) -> None:
    file = tmp_path / "d.csv"
    file.write_bytes(raw)

    result = run("demands", "import", file, data=data_dir)

    assert result.exit_code == 2
    assert f"d.csv: {said}" in error_of(result)
    assert not list(tmp_path.glob("*refused*"))


def test_a_row_of_another_width_or_encoding_never_blocks_its_neighbours(data_dir: Path, tmp_path: Path) -> None:
    good, wide = as_csv([GOOD]), as_csv([row(fan_id="fan-2")]).splitlines()[1] + ",one,more\n"
    latin = as_csv([row(fan_id="fan-3", consent_source="Montréal")]).splitlines()[1] + "\n"
    file = tmp_path / "d.csv"
    file.write_bytes(good.encode() + wide.encode() + latin.encode("latin-1") + b"short,row\n")

    told = answer("demands", "import", file, data=data_dir)

    assert (told["stored"], told["refused"]) == (1, 3)
    assert set(told["reasons"]) == {
        "row: has 15 cells where the header has 13",
        "row: holds bytes that are not UTF-8",
        "row: has 2 cells where the header has 13",
    }
    refused = Path(told["refused_file"]).read_bytes()
    assert "Montréal".encode("latin-1") in refused
    assert b",one,more" in refused


def test_a_quote_that_is_never_closed_names_its_line(data_dir: Path, tmp_path: Path) -> None:
    file = written(tmp_path / "d.csv", as_csv([GOOD]) + '"fan-2,' + "x" * 20_000)

    result = run("demands", "import", file, data=data_dir)

    assert result.exit_code == 2
    assert "d.csv: line 3:" in error_of(result)


def test_no_address_is_shown_anywhere(data_dir: Path, tmp_path: Path) -> None:
    file = written(tmp_path / "d.csv", as_csv([GOOD, row(fan_id="fan-2", address="+442071838750")]))

    result = run("demands", "import", file, data=data_dir)

    assert "2071838750" not in result.output
    assert "2125550123" not in result.output


def test_a_file_in_the_data_directory_is_refused(data_dir: Path) -> None:
    result = run("demands", "import", written(data_dir / "d.csv", as_csv([GOOD])), data=data_dir)

    assert result.exit_code == 4
    assert "in the data directory" in error_of(result)


def test_batches_hold_together_over_their_edges(
    data_dir: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("fanfare.workers.record_demands.BATCH_MAX", 2)
    rows = [row(fan_id=f"fan-{n}", address=f"+1212555012{n}") for n in range(5)]

    told = answer("demands", "import", written(tmp_path / "d.csv", as_csv(rows)), data=data_dir)

    assert (told["rows"], told["stored"]) == (5, 5)


def test_people_read_what_to_mend(data_dir: Path, tmp_path: Path) -> None:
    file = written(tmp_path / "d.csv", as_csv([GOOD, row(fan_id="fan-2", brand="nobody")]))

    text = run("demands", "import", file, data=data_dir).stdout

    assert "brand: is not configured" in text
    assert "d.csv.refused.csv" in text
