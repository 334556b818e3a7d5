"""The process that serves the door."""

import json
import os
import signal
import subprocess
import sys
from http.client import HTTPConnection
from pathlib import Path
from urllib.parse import urlencode

import pytest

from fanfare.engines.embedded.store import EmbeddedEngine
from tests.doors.web.caller import FORM, call
from tests.doors.web.conftest import PUBLIC_URL, SETTINGS
from tests.doors.web.posts import DELIVERED, STATUS, sign

SCRIPT = """
import json, sys
from pathlib import Path
from urllib.parse import urlencode
from fanfare.doors.web import server
from fanfare.settings import Settings

class Telling(server.WebServer):
    def __init__(self, app, *, host, port):
        super().__init__(app, host=host, port=port, on_ready=lambda url: print(url, flush=True))

server.WebServer = Telling
server.serve(Path(sys.argv[1]), Path(sys.argv[2]), Settings.model_validate(json.loads(sys.argv[3])), port=0)
"""


@pytest.fixture
def places(tmp_path: Path) -> tuple[Path, Path]:
    data_dir, key_file = tmp_path / "data", tmp_path / "key"
    EmbeddedEngine.create(data_dir, key_file).close()
    return data_dir, key_file


def start(places: tuple[Path, Path], **environment: str) -> tuple["subprocess.Popen[str]", str]:
    command = [
        sys.executable,
        "-c",
        SCRIPT,
        str(places[0]),
        str(places[1]),
        json.dumps(SETTINGS),
    ]
    process = subprocess.Popen(command, stdout=subprocess.PIPE, text=True, env={**os.environ, **environment})
    assert process.stdout is not None
    return process, process.stdout.readline().strip()


def test_a_process_that_is_told_to_stop_drains_and_ends(places: tuple[Path, Path]) -> None:
    process, url = start(places)
    with process:
        answer = call(url, "GET", "/readyz")
        process.send_signal(signal.SIGTERM)

        assert answer.json["status"] == "ready"
        assert process.wait(20) in {0, -signal.SIGTERM}


def test_an_idle_connection_does_not_hold_up_the_end(places: tuple[Path, Path]) -> None:
    process, url = start(places)
    with process:
        idle = HTTPConnection(url.removeprefix("http://"), timeout=10)
        idle.request("GET", "/livez")
        idle.getresponse().read()
        process.send_signal(signal.SIGTERM)

        assert process.wait(20) in {0, -signal.SIGTERM}
        idle.close()


def test_a_process_whose_supervisor_is_gone_ends_by_itself(places: tuple[Path, Path]) -> None:
    process, url = start(places, FANFARE_SUPERVISOR="1")
    with process:
        assert url.startswith("http://127.0.0.1:")
        assert process.wait(20) == 0


@pytest.mark.kill
def test_a_report_that_was_answered_survives_the_process(places: tuple[Path, Path]) -> None:
    process, url = start(places)
    path = STATUS + "x"
    headers = {"Content-Type": FORM, "X-Twilio-Signature": sign(PUBLIC_URL + path, DELIVERED)}
    with process:
        answer = call(url, "POST", path, urlencode(DELIVERED).encode(), headers=headers)
        process.kill()

    engine = EmbeddedEngine.open(*places)
    _, reports = engine.inbox.take_reports(10)
    engine.close()
    assert answer.status == 204
    assert [report.provider_id for report in reports] == ["SM1"]
