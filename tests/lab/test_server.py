import json
import signal
import subprocess
import sys
from datetime import UTC, datetime
from pathlib import Path

import pytest

from fanfare.lab.config import ClockKind, LabConfig, OptOutKeeper, ReportRoute, WorldKind
from fanfare.lab.server import parse
from tests.lab.calls import Caller


def test_the_process_says_when_it_is_ready_and_ends_when_told(tmp_path: Path) -> None:
    ledger = tmp_path / "deep" / "ledger.ndjson"
    command = [sys.executable, "-m", "fanfare.lab", "--ledger", str(ledger), "--faults", "evening"]
    with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE) as process:
        assert process.stdout is not None
        ready = json.loads(process.stdout.readline())
        lab = Caller(ready["base_url"], ready["smtp_port"])
        taken = sum(lab.text(body=f"text {number}").status == 201 for number in range(5))
        process.send_signal(signal.SIGTERM)
        _, errors = process.communicate(timeout=10)

    assert (ready["ready"], process.returncode, errors) == (True, 0, b"")
    assert ledger.read_text().count('"accepted"') == taken > 0


def test_a_command_line_becomes_a_configuration() -> None:
    line = (
        "--port 1 --smtp-port 2 --ledger x.ndjson --faults rough --seed 9 --fans 7 --world night --clock stepped"
        " --start 2026-05-08T15:30:00Z --echo off --reports both --inbound-url http://127.0.0.1/in --opt-out ours"
        " --bounce-maildir b --sms-latency-ms 5"
    )

    config = parse(line.split())

    assert config == LabConfig(
        port=1,
        smtp_port=2,
        ledger=Path("x.ndjson"),
        faults="rough",
        seed=9,
        fans=7,
        world=WorldKind.NIGHT,
        clock=ClockKind.STEPPED,
        start_at=datetime(2026, 5, 8, 15, 30, tzinfo=UTC),
        echo=False,
        reports=ReportRoute.BOTH,
        inbound_url="http://127.0.0.1/in",
        opt_out_keeper=OptOutKeeper.OURS,
        bounce_maildir=Path("b"),
        sms_latency_ms=5,
    )


@pytest.mark.parametrize(
    ("clock", "start_at"),
    [(ClockKind.STEPPED, None), (ClockKind.REAL, datetime(2026, 5, 8, 15, 30))],  # noqa: DTZ001 -- the very point
)
def test_a_clock_without_a_clear_start_is_refused(clock: ClockKind, start_at: datetime | None) -> None:
    with pytest.raises(ValueError, match="start"):
        LabConfig(ledger=Path("x"), clock=clock, start_at=start_at)
