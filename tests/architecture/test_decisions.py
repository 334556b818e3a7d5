"""Decisions are written in one form (ADR 0001)."""

import re
from pathlib import Path

import pytest

from tests.architecture import source

PAGES = sorted((source.ROOT / "docs" / "adr").glob("*.md"))
PARTS = ["Context", "Decision", "Consequences", "What enforces it"]
CONTEXT_SENTENCES_MAX = 4


def sentences(text: str) -> int:
    """Full stops before a space or the end, which 3.51.3 and 19.5 do not have."""
    return len(re.findall(r"\.(?=\s|$)", text))


def test_numbers_have_no_gaps() -> None:
    assert [page.name[:4] for page in PAGES] == [f"{number:04}" for number in range(1, len(PAGES) + 1)]


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.stem)
def test_a_decision_has_its_four_parts_and_its_number(page: Path) -> None:
    text = page.read_text(encoding="utf-8")

    assert text.startswith(f"# {page.name[:4]} ")
    assert re.findall(r"^## (.+)$", text, re.MULTILINE) == PARTS
    assert re.search(r"^Status: (proposed|accepted|replaced by \d{4})$", text, re.MULTILINE)


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.stem)
def test_a_context_is_short(page: Path) -> None:
    context = page.read_text(encoding="utf-8").partition("## Context")[2].partition("## Decision")[0]

    assert 0 < sentences(context.strip()) <= CONTEXT_SENTENCES_MAX
