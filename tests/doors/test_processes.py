"""The real server: started, stopped, killed, and what the lab's ledger says afterwards."""

import os
import signal
import sys
from collections.abc import Callable, Generator
from contextlib import ExitStack, closing
from datetime import timedelta
from pathlib import Path

import pytest

from fanfare.engines.embedded import locks
from fanfare.model.notification import State
from fanfare.ports.faults import Permanent
from tests.builders import a_demand, an_event
from tests.doors.serving import Server, a_zone_where_it_is_day, children, until

FANS = 1500
KILLED_AT = (200, 600, 1000)
"""How many texts the provider had taken when the server was killed."""

pytestmark = [pytest.mark.kill, pytest.mark.skipif(sys.platform != "linux", reason="process groups are read in /proc")]


@pytest.fixture
def open_server(tmp_path: Path) -> Generator[Callable[[float], Server]]:
    with ExitStack() as servers:
        yield lambda rate: servers.enter_context(closing(Server(tmp_path, rate)))


def test_three_kills_in_one_sale_tell_nobody_twice_and_forget_nobody(open_server: Callable[[float], Server]) -> None:
    """REQ-007, CONST-002, FLOW-6: whatever dies, an intent is durable before its call."""
    # Given 1,500 fans of a sale that opens in five minutes
    server = open_server(100)
    zone = a_zone_where_it_is_day()
    fans = [a_demand(number, zone=zone, region=None) for number in range(1, FANS + 1)]
    server.open_sale(an_event(version=0), fans, opens_in=timedelta(minutes=5))

    # When everything is killed three times while the texts leave
    for taken in KILLED_AT:
        server.start()
        assert until(lambda taken=taken: server.accepted() >= taken, 60), server.states()
        server.kill()
    server.start()

    # Then every row ends, and nobody was told twice or too late
    assert until(lambda: set(server.states()) <= {State.DELIVERED, State.UNCONFIRMED}, 200, every=1), server.states()
    ledger = server.lab.ledger()
    assert (ledger["duplicates"], ledger["after_sale_start"]) == (0, 0)
    states = server.states()
    assert sum(states.values()) == FANS
    assert states.get(State.DELIVERED, 0) <= ledger["accepted"] <= FANS
    assert states.get(State.UNCONFIRMED, 0) == 0, "this provider can be asked"


def test_a_server_drains_when_told_and_starts_again_what_dies(open_server: Callable[[float], Server]) -> None:
    server = open_server(100)
    supervisor = server.start()
    assert until(lambda: len(children(supervisor.pid)) == 3, 30)
    before = children(supervisor.pid)

    os.kill(before[1], signal.SIGKILL)
    assert until(lambda: len(set(children(supervisor.pid)) - set(before)) == 1, 30)

    supervisor.send_signal(signal.SIGTERM)
    assert supervisor.wait(40) == 0


def test_two_servers_on_one_directory_share_the_work_and_the_rate(open_server: Callable[[float], Server]) -> None:
    """CONST-002."""
    server = open_server(100)
    zone = a_zone_where_it_is_day()
    fans = [a_demand(number, zone=zone, region=None) for number in range(1, 401)]
    server.start()
    server.start()

    server.open_sale(an_event(version=0), fans, opens_in=timedelta(minutes=5))

    assert until(lambda: server.states() == {State.DELIVERED: 400}, 100, every=0.5), server.states()
    assert (server.accepted(), server.lab.ledger()["duplicates"]) == (400, 0)
    with pytest.raises(Permanent), locks.alone(server.data_dir):
        pytest.fail("nobody restores while servers run")


def test_workers_without_their_supervisor_stop(open_server: Callable[[float], Server]) -> None:
    server = open_server(100)
    supervisor = server.start()
    assert until(lambda: len(children(supervisor.pid)) == 3, 30)
    orphans = children(supervisor.pid)

    os.kill(supervisor.pid, signal.SIGKILL)
    supervisor.wait()

    assert until(lambda: not any(Path(f"/proc/{pid}").exists() for pid in orphans), 30)
