"""What every test may rely on: how hypothesis searches, and what happens when a server is missing."""

import os
import shutil
from collections.abc import Callable

import pytest
from hypothesis import HealthCheck, settings

IN_CI = os.environ.get("CI") == "true"

# No deadline: a slow machine is not a defect, and speed lives in benchmarks/. CI repeats itself, so that a red build
# can be replayed; a laptop searches anew every time.
settings.register_profile("laptop", deadline=None, suppress_health_check=[HealthCheck.too_slow])
settings.register_profile("ci", parent=settings.get_profile("laptop"), derandomize=True, print_blob=True)
settings.load_profile("ci" if IN_CI else "laptop")


@pytest.fixture
def need_program() -> Callable[[str], str]:
    """The path of a program by its name; without it the test is skipped on a laptop and fails in CI."""
    return _path_of


def _path_of(program: str) -> str:
    path = shutil.which(program)
    if path is not None:
        return path
    reason = f"{program} is not installed on this machine"
    if IN_CI:
        pytest.fail(reason)
    pytest.skip(reason)
