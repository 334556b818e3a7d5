"""The doctor's checks of a data directory: each looks at one thing, changes nothing, and says what to do."""

import shutil
import stat
from collections.abc import Iterator, Mapping
from datetime import timedelta
from pathlib import Path

from fanfare.doors.cli import findings, places, setting_checks
from fanfare.doors.cli.exits import from_fault, from_settings
from fanfare.doors.cli.findings import Finding
from fanfare.engines.embedded.store import EmbeddedEngine
from fanfare.ports.faults import Fault
from fanfare.settings import SettingsError, load
from fanfare.workers import schedule_notifications

FREE_BYTES_MIN = 1_000_000_000
"""About a million notifications with their changes."""
WATERMARK_AGE = timedelta(hours=1)
"""Two slots without planning: no worker runs."""


def run(data_dir: Path, environment: Mapping[str, str], *, offline: bool) -> tuple[Finding, ...]:
    """Run every check that can be run; one that cannot, because another failed, is left out."""
    return (
        *_folder(data_dir),
        *_settings(data_dir, environment, offline=offline),
        *_store(data_dir, environment),
    )


def _folder(data_dir: Path) -> Iterator[Finding]:
    if stat.S_IMODE(data_dir.stat().st_mode) & 0o077:
        yield findings.warning("data directory", f"others may look into {data_dir}", fix=f"run: chmod 700 {data_dir}")
    else:
        yield findings.ok("data directory", str(data_dir))
    free = shutil.disk_usage(data_dir).free
    if free < FREE_BYTES_MIN:
        yield findings.problem("disk", f"{free / 1e9:.1f} GB free", fix="make room; below 1 GB a night may not fit")
    else:
        yield findings.ok("disk", f"{free / 1e9:.0f} GB free")


def _settings(data_dir: Path, environment: Mapping[str, str], *, offline: bool) -> Iterator[Finding]:
    try:
        settings = load(data_dir, environment).settings
    except SettingsError as error:
        told = from_settings(error)
        yield findings.problem("settings", told.what, fix=told.fix)
        return
    yield findings.ok("settings", places.SETTINGS_FILE)
    yield from setting_checks.run(settings, offline=offline)


def _store(data_dir: Path, environment: Mapping[str, str]) -> Iterator[Finding]:
    key_file = places.key_file(data_dir, environment)
    try:
        engine = EmbeddedEngine.open(data_dir, key_file)
    except Fault as fault:
        told = from_fault(fault)
        yield findings.problem("store", told.what, fix=told.fix)
        return
    try:
        yield findings.ok("store", f"opens, with the key of {key_file}")
        yield from _state(engine)
    finally:
        engine.close()


def _state(engine: EmbeddedEngine) -> Iterator[Finding]:
    yield _pause(engine)
    yield _planning(engine)
    yield _letters(engine)
    yield _ledger(engine)


def _pause(engine: EmbeddedEngine) -> Finding:
    reason = engine.switches.paused()
    if reason is None:
        return findings.ok("sending", "not paused")
    return findings.problem("sending", f"paused: {reason}", fix="run 'fanfare resume' when that is over")


def _planning(engine: EmbeddedEngine) -> Finding:
    """Tell whether workers run: planning looks ahead, so its watermark lies in the future while they do."""
    watermark = schedule_notifications.watermark(engine.checkpoints)
    if watermark is None:
        return findings.warning("planning", "nothing was ever planned", fix="run: fanfare serve")
    if watermark < engine.clock.now() - WATERMARK_AGE:
        since = watermark.isoformat(timespec="minutes")
        return findings.problem("planning", f"no slot was planned since {since}", fix="run: fanfare serve")
    return findings.ok("planning", f"planned up to {watermark.isoformat(timespec='minutes')}")


def _letters(engine: EmbeddedEngine) -> Finding:
    letters = sum(engine.queues.buried().values())
    if not letters:
        return findings.ok("dead letters", "none")
    return findings.problem("dead letters", f"{letters} wait", fix="see 'fanfare dead-letters list', then redrive them")


def _ledger(engine: EmbeddedEngine) -> Finding:
    broken = engine.consents.verify()
    if broken is None:
        return findings.ok("consent ledger", "the chain of its hashes holds")
    return findings.problem(
        "consent ledger",
        f"entry {broken} does not fit the one before it",
        fix="compare with a backup; somebody altered it",
    )
