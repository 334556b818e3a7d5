"""Small things: a reader gets lost in the tail, so the largest module and the branchiest functions are held."""

import ast
import json
import subprocess
import sys
from pathlib import Path
from typing import cast

from tests.architecture import source

LINES_MAX = 500  # the largest file of the best-kept codebase of this field has 498
COMPLEXITY_SMALL = 5  # QUAL-3: at least 85 % of functions have a complexity below this
SHARE_SMALL_MIN = 0.85

RUFF = Path(sys.executable).with_name("ruff")


def test_no_module_grows_past_what_a_reader_can_hold() -> None:
    assert not [f"{module.place}: {module.lines}" for module in source.modules() if module.lines > LINES_MAX]


def test_most_functions_branch_little() -> None:
    functions = sum(count_functions(module.tree) for module in source.modules())
    branchy = branchy_functions(source.SRC)

    share = 1 - len(branchy) / max(functions, 1)

    assert share >= SHARE_SMALL_MIN, f"{share:.1%} of {functions}; the others:\n" + "\n".join(branchy)


def test_packages_open_with_nothing() -> None:
    assert not [
        module.place for module in source.modules() if module.path.name == "__init__.py" and module.text.strip()
    ]


def count_functions(tree: ast.Module) -> int:
    return sum(isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef) for node in ast.walk(tree))


def branchy_functions(where: Path) -> list[str]:
    """Functions of complexity 5 and more, counted by the same tool that lints."""
    below = f"lint.mccabe.max-complexity={COMPLEXITY_SMALL - 1}"
    options = ["--isolated", "--no-cache", "--select=C901", "--output-format=json", f"--config={below}"]
    result = subprocess.run([RUFF, "check", *options, where], capture_output=True, text=True, check=False)
    found = cast("list[dict[str, str]]", json.loads(result.stdout))
    return [f"{Path(row['filename']).relative_to(where)}: {row['message']}" for row in found]


def test_the_count_sees_a_branchy_function(tmp_path: Path) -> None:
    branches = "".join(f"    if x == {n}:\n        return {n}\n" for n in range(COMPLEXITY_SMALL))
    (tmp_path / "branchy.py").write_text(f"def branchy(x):\n{branches}    return x\n\n\ndef flat():\n    return 1\n")

    assert [row.partition(":")[0] for row in branchy_functions(tmp_path)] == ["branchy.py"]
