"""The pages are true: what the code has is told, and what the pages point to is there."""

import re
import tomllib
from collections.abc import Iterator, Mapping
from functools import cache
from pathlib import Path
from typing import Any

import pytest

from fanfare import telemetry, wiring
from fanfare.doors.cli.app import COMMANDS
from fanfare.engines.embedded.store import EmbeddedEngine
from fanfare.model.notification import EDGES, Reason, State
from fanfare.model.sale import SuppressionReason, UnscheduledReason
from fanfare.rules import why_words
from fanfare.rules.why_words import Cause
from fanfare.settings import BrandSettings, SenderSettings, Settings, public_values
from fanfare.topology import Route, routes
from tests.architecture import source
from tests.architecture.requirements import ON_AWS, PROMISES

DOCS = source.ROOT / "docs"
REQUIREMENT = re.compile(r"\b(?:REQ|CONST|PERF)-\d{3}\b|\b(?:FLOW|TGT|QUAL|OPS|LAKE|CAMP)-\d+\b")
LINK = re.compile(r"(?<!!)\[[^\]]*\]\(([^)\s]+)\)|!\[[^\]]*\]\(([^)\s]+)\)")

PAPERS = re.compile(r"\b(?:CONTRACTS|DESIGN|RELIABILITY|PERFORMANCE|FIELD|LIBRARIES|STYLE|REQUIREMENTS)\b")
"""Names that stand for papers outside the project; whoever reads a comment cannot look them up."""
READ_BY_PEOPLE = (
    *("src/**/*.py", "src/**/*.sql", "src/**/*.toml", "src/**/*.graphql", "src/**/*.html", "src/**/*.css"),
    *("tests/**/*.py", "benchmarks/**/*.py", "docs/**/*.md", "scripts/*", "*.md", "*.toml"),
    *("Makefile", ".importlinter", ".ci/*"),
)


@cache
def page(name: str) -> str:
    return (source.ROOT / name).read_text(encoding="utf-8")


def table(text: str) -> dict[str, list[str]]:
    """The rows of tables whose first cell is one quoted word: word -> the other cells."""
    rows = re.findall(r"^\| `([^`]+)` \| (.*) \|$", text, re.MULTILINE)
    return {word: [cell.strip() for cell in rest.split(" | ")] for word, rest in rows}


def pages() -> list[Path]:
    return sorted({*source.ROOT.glob("*.md"), *DOCS.rglob("*.md")})


def test_every_reason_is_explained_in_the_operators_words() -> None:
    of_rows = page("docs/reference/reasons.md").partition("## Why a whole sale")[0]
    told = {word: cells[0] for word, cells in table(of_rows).items()}

    assert told == {reason.value: why_words.of_reason(reason).operator for reason in Reason}


def test_every_answer_of_why_is_told_in_the_operators_words() -> None:
    answers = page("docs/reference/reasons.md").partition("## The answers of `why`")[2]

    assert not [cause for cause in Cause if f"| `{cause}` | {why_words.of_cause(cause).operator} |" not in answers]


@pytest.mark.parametrize("word", [*SuppressionReason, *UnscheduledReason])
def test_every_reason_of_a_silent_sale_is_told(word: str) -> None:
    assert f"| `{word}` | " in page("docs/reference/reasons.md")


def test_every_state_and_every_edge_is_told_and_no_other() -> None:
    told = table(page("docs/reference/states.md"))
    edges = {f"{old} > {new}" for old, targets in EDGES.items() for new in targets}

    assert {word for word in told if ">" not in word} == {state.value for state in State}
    assert {word for word in told if ">" in word} == edges


def test_every_metric_is_told_and_no_other() -> None:
    names = {*(f"{name}_total" for name in telemetry.COUNTERS), *telemetry.HISTOGRAMS, *telemetry.GAUGES}

    assert {word for word in table(page("docs/reference/metrics.md")) if word.startswith("fanfare_")} == names


def test_every_log_fact_is_told() -> None:
    assert not {fact.value for fact in telemetry.Fact} - table(page("docs/reference/metrics.md")).keys()


def test_every_log_fact_is_written_somewhere() -> None:
    code = "\n".join(module.text for module in source.modules() if module.place != "telemetry.py")

    assert not [fact for fact in telemetry.Fact if not re.search(rf"\bFact\.{fact.name}\b", code)]


def test_nothing_is_logged_but_facts() -> None:
    past = re.compile(r"\b(?:log|logger)\.(?:debug|info|warning|error|exception|critical|log)\(")

    assert not [
        module.place for module in source.modules() if module.place != "telemetry.py" and past.search(module.text)
    ]


@pytest.mark.parametrize("name", COMMANDS)
def test_every_command_is_told(name: str) -> None:
    assert f"`fanfare {name}" in page("docs/reference/cli.md")


def test_every_setting_is_told() -> None:
    lone = {key for key in public_values(Settings()) if key not in {"senders", "brands"}}
    listed = {*SenderSettings.model_fields, *BrandSettings.model_fields}
    told = page("docs/reference/settings.md")

    assert not sorted(key for key in lone | listed if f"`{key}`" not in told)


def test_every_requirement_that_is_named_anywhere_is_told() -> None:
    named = {found for module in source.modules() for found in REQUIREMENT.findall(module.text)}
    told = set(REQUIREMENT.findall(page("docs/reference/requirements.md")))

    assert not (named | PROMISES.keys() | ON_AWS.keys()) - told


@pytest.fixture(scope="module")
def bound_routes() -> Iterator[tuple[Route, ...]]:
    sample = tomllib.loads((source.SRC / "doors" / "cli" / "sample.toml").read_text(encoding="utf-8"))
    sample["email"]["bounce_maildir"] = "bounces"  # a folder that nobody opens here: it adds the route
    engine = EmbeddedEngine.temporary()
    yield routes(wiring.open_world(engine, Settings.model_validate(sample), engine.clock))
    engine.close()


def test_every_route_is_on_the_map_with_its_lane(bound_routes: tuple[Route, ...]) -> None:
    rows = route_rows()

    assert not {route.name for route in bound_routes} - rows.keys()
    assert not [route.name for route in bound_routes if route.lane.value not in rows[route.name]]


def route_rows() -> Mapping[str, str]:
    """Route -> its row in ARCHITECTURE.md; a row may stand for several, and for one of each sender."""
    section = page("ARCHITECTURE.md").partition("## Routes")[2].partition("\n## ")[0]
    rows = {name: line for line in section.splitlines() for name in re.findall(r"`([\w:<>]+)`", line.split(" | ")[0])}
    senders = {name: line for name, line in rows.items() if "<sender>" in name}
    samples = {
        name.replace("<sender>", each): line for name, line in senders.items() for each in ("sms-main", "email-main")
    }
    return rows | samples


def test_every_port_is_on_the_map() -> None:
    section = page("ARCHITECTURE.md").partition("## What a caller may assume")[2].partition("\n## ")[0]
    told = set(re.findall(r"`(\w+)`", "\n".join(line.split(" | ")[0] for line in section.splitlines())))
    ports = {module.path.stem for module in source.modules() if module.place.startswith("ports/")} - {"__init__"}

    assert not sorted(ports - told)


def test_every_worker_is_on_the_map() -> None:
    workers = {module.path.name for module in source.modules() if module.place.startswith("workers/")} - {"__init__.py"}

    assert not sorted(name for name in workers if f"`{name}`" not in page("ARCHITECTURE.md"))


def test_every_place_on_the_map_exists() -> None:
    section = page("ARCHITECTURE.md").partition("## Where is...?")[2].partition("\n## ")[0]
    places = set(re.findall(r"`([\w/]+(?:\.\w+|/))`", section)) - {"src/fanfare/"}

    assert "topology.py" in places
    assert not sorted(place for place in places if not exists(place))


def exists(place: str) -> bool:
    """Below the package, or a bare file name beside one that is named with its folder."""
    return (source.SRC / place).exists() or bool(list(source.SRC.rglob(place)) if "/" not in place else [])


def links(text: str) -> list[str]:
    """The relative links and pictures of a page, outside its code."""
    prose = re.sub(r"```.*?```", "", text, flags=re.DOTALL)
    found = [link or picture for link, picture in LINK.findall(prose)]
    return [target for target in found if "://" not in target and not target.startswith("mailto:")]


@pytest.mark.parametrize("path", pages(), ids=lambda path: path.relative_to(source.ROOT).as_posix())
def test_every_relative_link_leads_somewhere(path: Path) -> None:
    assert not [target for target in links(path.read_text(encoding="utf-8")) if not leads_somewhere(path, target)]


def leads_somewhere(path: Path, target: str) -> bool:
    file, _, place = target.partition("#")
    found = (path.parent / file).resolve() if file else path
    return found.exists() and (not place or place in anchors(found))


def anchors(path: Path) -> set[str]:
    """The names of a page's headings, as they are made by those who show Markdown."""
    headings = re.findall(r"^#+ (.+)$", path.read_text(encoding="utf-8"), re.MULTILINE)
    return {re.sub(r"[^\w\- ]", "", heading.lower()).replace(" ", "-") for heading in headings}


def test_a_link_to_nowhere_is_seen(tmp_path: Path) -> None:
    here = tmp_path / "page.md"
    here.write_text("# A Page: *mine*\n[a](page.md#a-page-mine) [b](gone.md) [c](#nowhere) [d](https://x.example)\n")

    assert [target for target in links(here.read_text()) if not leads_somewhere(here, target)] == [
        "gone.md",
        "#nowhere",
    ]


def test_nothing_points_to_papers_that_are_not_here() -> None:
    files = {path for pattern in READ_BY_PEOPLE for path in source.ROOT.glob(pattern) if path.is_file()}
    guilty = [
        f"{path.relative_to(source.ROOT)}:{number} {found[0]}"
        for path in sorted(files - {Path(__file__)})
        for number, line in enumerate(path.read_text(encoding="utf-8").splitlines(), 1)
        if (found := PAPERS.search(line))
    ]

    assert not guilty, "say the reason in words, or link a page below docs/:\n" + "\n".join(guilty)


@pytest.mark.parametrize(
    ("text", "is_found"),
    [("(DESIGN section 4)", True), ("RELIABILITY N7", True), ("STYLE_PATH = 1", False), ("a design", False)],
)
def test_a_paper_is_told_from_a_name(text: str, *, is_found: bool) -> None:
    found: Any = PAPERS.search(text)

    assert bool(found) is is_found
