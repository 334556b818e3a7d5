"""Every promise is named by the test that proves it, in the test's own lines."""

import ast
import re
from functools import cache

from tests.architecture import source
from tests.architecture.requirements import ON_AWS, PROMISES

ID = re.compile(r"\b(?:REQ|CONST|PERF)-\d{3}\b|\bFLOW-\d+\b")


@cache
def named() -> dict[str, frozenset[str]]:
    """For each id that a test function or test class names: the files that do so."""
    found: dict[str, set[str]] = {}
    for path in sorted(source.TESTS.rglob("test_*.py")):
        if path.parent.name != "architecture":
            for promise in ids_named(path.read_text(encoding="utf-8")):
                found.setdefault(promise, set()).add(path.name)
    return {promise: frozenset(files) for promise, files in found.items()}


def ids_named(text: str) -> set[str]:
    """Ids inside the lines of a test: its decorators, docstring, comments. A heading over a file proves nothing."""
    tree = ast.parse(text)
    lines = text.splitlines()
    return {promise for node in ast.walk(tree) if is_test(node) for promise in ID.findall(_lines_of(node, lines))}


def is_test(node: ast.AST) -> bool:
    return isinstance(node, ast.FunctionDef) and node.name.startswith("test_")


def _lines_of(node: ast.AST, lines: list[str]) -> str:
    if not isinstance(node, ast.FunctionDef):
        return ""
    first = min([node.lineno, *(decorator.lineno for decorator in node.decorator_list)])
    return "\n".join(lines[first - 1 : node.end_lineno])


def test_every_promise_has_a_test() -> None:
    assert not sorted(PROMISES.keys() - named().keys())


def test_no_test_names_a_promise_that_was_never_made() -> None:
    made = PROMISES.keys() | ON_AWS.keys()

    assert not {promise: sorted(files) for promise, files in named().items() if promise not in made}


def test_an_id_counts_inside_a_test_only() -> None:
    text = '"""REQ-001"""\n\n\ndef other():\n    """REQ-002"""\n\n\ndef test_it():\n    """REQ-003, FLOW-10."""\n'

    assert ids_named(text) == {"REQ-003", "FLOW-10"}
