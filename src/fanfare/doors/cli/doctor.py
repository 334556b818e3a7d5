"""``fanfare doctor``: what is wrong, and the fix."""

import os
from collections.abc import Sequence
from typing import Annotated

import typer

from fanfare.doors.cli import checks, frame, screen
from fanfare.doors.cli.exits import ExitCode
from fanfare.doors.cli.findings import Finding, Level

MARKS = {Level.OK: "ok", Level.WARNING: "warning", Level.PROBLEM: "PROBLEM"}

app = frame.single()


@frame.command(app)
def doctor(
    ctx: typer.Context,
    *,
    offline: Annotated[bool, typer.Option("--offline", help="Do not try whether partners answer.")] = False,
) -> None:
    """Look for what is wrong, and say the fix. Changes nothing; the exit code is 1 when there is a problem."""
    desk = frame.of(ctx)
    findings = checks.run(desk.data_dir(), os.environ, offline=offline)
    problems = sum(finding.level is Level.PROBLEM for finding in findings)
    warnings = sum(finding.level is Level.WARNING for finding in findings)
    answer = {"problems": problems, "warnings": warnings, "checks": findings}
    desk.answer(answer, lambda: _tell(findings, problems, warnings))
    if problems:
        raise typer.Exit(ExitCode.FINDINGS)


def _tell(findings: Sequence[Finding], problems: int, warnings: int) -> None:
    for finding in findings:
        screen.line(f"{MARKS[finding.level]:<8} {finding.check}: {finding.what}")
        if finding.fix:
            screen.line(f"{'':<8} fix: {finding.fix}")
    screen.line(f"\n{problems} problem(s), {warnings} warning(s)")
