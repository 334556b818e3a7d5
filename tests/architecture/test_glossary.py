"""One word, one thing: GLOSSARY.md's banned synonyms stay out of the names and the docs."""

import ast
import re
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from pathlib import Path

import pytest

from tests.architecture import source

# Rooms that speak a partner's protocol, in the partner's words.
FOREIGN_ROOMS = ("partners/", "lab/")
FOREIGN_PAGES = ("docs/lab.md",)
# Names of the outside world that contain a banned word: an HTTP header, a status of the Discovery API.
FOREIGN_NAMES = frozenset({"user_agent", "ONSALE"})

HOUSE_WORDS = frozenset(
    {"manager", "helper", "service", "handler", "base", "impl", "util", "utils", "common", "misc", "shared"}
)
INSTANT = re.compile(r"(^|_)at$|^call_before$")


@dataclass(frozen=True, slots=True, kw_only=True)
class Row:
    """One word of the glossary."""

    word: str
    meaning: str
    names: tuple[str, ...]
    prose: tuple[str, ...]


@cache
def glossary() -> tuple[Row, ...]:
    lines = (source.ROOT / "GLOSSARY.md").read_text(encoding="utf-8").splitlines()
    return tuple(_row(line) for line in lines if line.startswith("| ") and not line.startswith("| Word |"))


def _row(line: str) -> Row:
    word, meaning, names, prose = (cell.strip() for cell in line.strip("|").split("|"))
    return Row(word=word, meaning=meaning, names=_words(names), prose=_words(prose))


def _words(cell: str) -> tuple[str, ...]:
    return tuple(word.strip() for word in cell.split(",") if word.strip())


def split_name(name: str) -> str:
    """``fanRefs``, ``FanRefs`` and ``fan_refs`` all give ``fan refs``."""
    return re.sub(r"(?<=[a-z0-9])(?=[A-Z])", "_", name).replace("_", " ").lower().strip()


def uses(text: str, banned: str) -> bool:
    """True when the word stands in the text, alone or in the plural."""
    return re.search(rf"\b{re.escape(banned.replace('_', ' '))}s?\b", text, re.IGNORECASE) is not None


def given_names(tree: ast.AST) -> Iterator[tuple[int, str]]:
    """The names that this code gives, not the ones it reads from others."""
    for node in ast.walk(tree):
        match node:
            case ast.FunctionDef() | ast.AsyncFunctionDef() | ast.ClassDef():
                yield node.lineno, node.name
            case ast.arg():
                yield node.lineno, node.arg
            case ast.Name(ctx=ast.Store()):
                yield node.lineno, node.id
            case ast.Attribute(ctx=ast.Store()):
                yield node.lineno, node.attr
            case _:
                pass


def prose_of(page: str) -> str:
    """A page without its code, which may quote a protocol."""
    return re.sub(r"```.*?```|`[^`]*`", " ", page, flags=re.DOTALL)


def own_modules() -> tuple[source.Module, ...]:
    return tuple(module for module in source.modules() if not module.place.startswith(FOREIGN_ROOMS))


def pages() -> Iterator[Path]:
    for path in sorted({*source.ROOT.glob("*.md"), *source.ROOT.glob("docs/**/*.md")}):
        if path.name != "GLOSSARY.md" and path.relative_to(source.ROOT).as_posix() not in FOREIGN_PAGES:
            yield path


def test_names_use_the_words_of_the_glossary() -> None:
    guilty = [
        f"{module.place}:{line} {name}: not {banned!r} but {row.word!r}"
        for module in own_modules()
        for line, name in (*given_names(module.tree), (0, module.path.stem))
        if name not in FOREIGN_NAMES
        for row in glossary()
        for banned in row.names
        if uses(split_name(name), banned)
    ]

    assert not guilty, "\n".join(guilty)


def test_docs_use_the_words_of_the_glossary() -> None:
    guilty = [
        f"{page.name}: not {banned!r} but {row.word!r}"
        for page in pages()
        for text in [prose_of(page.read_text(encoding="utf-8"))]
        for row in glossary()
        for banned in row.prose
        if uses(text, banned)
    ]

    assert not guilty, "\n".join(guilty)


def test_nothing_is_named_for_being_a_drawer() -> None:
    named = [
        (module.place, name)
        for module in own_modules()
        for name in (
            *(node.name for node in ast.walk(module.tree) if isinstance(node, ast.ClassDef)),
            module.path.parent.name if module.path.name == "__init__.py" else module.path.stem,
        )
    ]

    assert not [(place, name) for place, name in named if HOUSE_WORDS & set(split_name(name).split())]


def test_instants_of_the_model_end_in_at() -> None:
    instants = [
        (module.place, node.target.id)
        for module in source.modules()
        if module.place.startswith("model/")
        for node in ast.walk(module.tree)
        if isinstance(node, ast.AnnAssign) and isinstance(node.target, ast.Name)
        if re.search(r"\bdatetime\b", ast.unparse(node.annotation))
    ]

    assert not [(place, name) for place, name in instants if not INSTANT.search(name)]


def test_every_word_has_one_row_and_a_sentence() -> None:
    words = [row.word for row in glossary()]

    assert len(words) == len(set(words))
    assert not [row.word for row in glossary() if not row.meaning.endswith(".")]


def test_no_word_is_banned_and_defined() -> None:
    defined = {row.word.lower() for row in glossary()}

    assert not [banned for row in glossary() for banned in (*row.names, *row.prose) if banned in defined]


@pytest.mark.parametrize(
    ("name", "banned", "found"),
    [
        ("user_id", "user", True),
        ("listUsers", "user", True),
        ("UserProfile", "user", True),
        ("superuser", "user", False),
        ("promo_code", "promo", True),
        ("promotion", "promo", False),
    ],
)
def test_a_banned_word_is_seen_in_any_spelling(name: str, banned: str, *, found: bool) -> None:
    assert uses(split_name(name), banned) is found


def test_quoted_protocol_words_are_not_prose() -> None:
    assert not uses(prose_of("send `user=1`\n```\nuser\n```\n"), "user")
