"""How many signed webhooks a second the web door takes while the workers run a job beside it.

The web door is ``fanfare serve --part web`` on the workers' data directory. wrk posts a different signed delivery
report each time, about a text of an earlier sale; each one answered has to end as a DELIVERED row.
"""

import json
import re
import socket
import subprocess
from http.client import HTTPConnection
from pathlib import Path
from urllib.parse import urlencode, urlsplit

from benchmarks import measure as counters
from benchmarks import runs
from benchmarks.fanfare_world import places
from benchmarks.figures import Figure, Reach
from benchmarks.job import ACCOUNT_SID, AUTH_TOKEN, SENDER_ADDRESS, Job
from benchmarks.processes import module, program, running, wait_for
from benchmarks.provider import LINES_MAX
from benchmarks.webhooks_side import WEBHOOKS_MAX
from fanfare.partners.sms_webhooks import signature

WEBHOOKS_PER_SECOND_MIN = 2_000
CONNECTIONS = 256
HOST = "127.0.0.1"

_DELIVERED = "com.twilio.messaging.message.delivered"
_RATE = re.compile(r"Requests/sec:\s+([\d.]+)")
_TOTAL = re.compile(r"(\d+) requests in")
_REFUSED = re.compile(r"Non-2xx or 3xx responses: (\d+)")
_SCRIPT = """
local requests, sent = {}, 0
for line in io.lines("%s") do
  local path, signature, body = line:match("(%%S+) (%%S+) (%%S+)")
  local headers = {["Content-Type"] = "application/x-www-form-urlencoded", ["X-Twilio-Signature"] = signature}
  requests[#requests + 1] = wrk.format("POST", path, headers, body)
end
request = function()
  sent = sent %% #requests + 1
  return requests[sent]
end
"""


class WebhooksError(Exception):
    """What was measured is not what was meant."""


def measure(fans: int, *, seconds: int) -> Figure:
    """Run a job for that many fans, and post webhooks for some seconds meanwhile.

    Raises:
        MissingProgramError: there is no wrk.
        WebhooksError: posts were refused, reports were lost, or the job ended before the posts.
    """
    wrk = program("wrk")
    with runs.scratch() as folder, runs.provider(folder) as (_, provider_url):
        job = Job(fans=fans, provider_url=provider_url, folder=folder / "side")
        job.folder.mkdir()
        with runs.prepared("webhooks_side", job, log=folder / "side.log") as side:
            _write_script(folder, provider_url)
            port = _free_port()
            with running(_web(job.folder, port), log=folder / "web.log", environment=_key(job.folder)) as web:
                wait_for(lambda: _answers(port), what="the web door answers")
                parts = {**side.parts, "web": web.pid}
                before = counters.read(parts)
                side.go()
                said = _post(wrk, folder, port, seconds)
                was_running = not side.is_done()
                after = counters.read(parts)
                delivered = side.wait()
    return _figure(said, delivered - fans, was_running, after.cpu_seconds["web"] - before.cpu_seconds["web"])


def _write_script(folder: Path, provider_url: str) -> None:
    """Sign a delivery report for each text of the first sale, as the provider's stream tells of it."""
    lines = [_signed(*text) for text in _texts(provider_url)]
    if len(lines) != WEBHOOKS_MAX:
        raise WebhooksError(f"the provider tells of {len(lines)} texts, not {WEBHOOKS_MAX}")
    posts = folder / "posts.txt"
    posts.write_text("\n".join(lines) + "\n")
    (folder / "posts.lua").write_text(_SCRIPT % posts)


def _texts(provider_url: str) -> list[tuple[str, str, str]]:
    """Return (provider's id, phone, callback address) of each text."""
    found: list[tuple[str, str, str]] = []
    for after in range(0, 2 * WEBHOOKS_MAX, LINES_MAX):
        connection = HTTPConnection(urlsplit(provider_url).netloc)
        connection.request("GET", f"/stream?after={after}&limit={LINES_MAX}")
        events = [json.loads(line) for line in connection.getresponse().read().splitlines()]
        told = [event["data"] for event in events if event["type"] == _DELIVERED]
        found.extend((data["messageSid"], data["to"], data["statusCallback"]) for data in told)
        connection.close()
    return found


def _signed(sid: str, to: str, callback: str) -> str:
    form = (
        ("AccountSid", ACCOUNT_SID), ("ApiVersion", "2010-04-01"), ("From", SENDER_ADDRESS), ("MessageSid", sid),
        ("MessageStatus", "delivered"), ("SmsSid", sid), ("SmsStatus", "delivered"), ("To", to),
    )  # fmt: skip
    address = urlsplit(callback)
    return f"{address.path}?{address.query} {signature(AUTH_TOKEN, callback, form)} {urlencode(form)}"


def _web(folder: Path, port: int) -> list[str]:
    data_dir, _ = places(folder)
    return module("fanfare", "serve", "--data", str(data_dir), "--part", "web", "--port", str(port))


def _key(folder: Path) -> dict[str, str]:
    return {"FANFARE_KEY_FILE": str(places(folder)[1])}


def _answers(port: int) -> bool:
    connection = HTTPConnection(HOST, port)
    try:
        connection.request("GET", "/livez")
        return connection.getresponse().status == 200
    except ConnectionError:
        return False
    finally:
        connection.close()


def _post(wrk: str, folder: Path, port: int, seconds: int) -> str:
    # fmt: off
    command = [
        wrk, "--threads", "1", "--connections", str(CONNECTIONS), "--duration", f"{seconds}s", "--latency",
        "--script", str(folder / "posts.lua"), f"http://{HOST}:{port}",
    ]
    # fmt: on
    return subprocess.run(command, check=True, capture_output=True, text=True).stdout


def _figure(said: str, delivered: int, was_running: bool, web_seconds: float) -> Figure:  # noqa: FBT001 - a fact
    rate, total, refused = _RATE.search(said), _TOTAL.search(said), _REFUSED.search(said)
    if rate is None or total is None or refused is not None:
        raise WebhooksError(f"not every post was taken:\n{said}")
    answered = int(total[1])
    if delivered < min(answered, WEBHOOKS_MAX):
        raise WebhooksError(f"{answered} webhooks were answered and {delivered} rows are DELIVERED")
    if not was_running:
        raise WebhooksError("the job ended before the posts did; give it more fans")
    return Figure(
        name="signed webhooks while a job runs", value=float(rate[1]), unit="/s", reach=Reach.AT_LEAST,
        bound=WEBHOOKS_PER_SECOND_MIN, details={"webhooks": answered, "web_cpu_us_each": web_seconds / answered * 1e6},
    )  # fmt: skip


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind((HOST, 0))
        return int(probe.getsockname()[1])
