"""Celery as both of its sides are set up."""

import sys

from celery import Celery

from benchmarks import peers


def create(name: str, *, prefetch: int) -> Celery:
    """Return an application on the run's broker. ``prefetch`` is how many tasks a process takes ahead."""
    app = Celery(name, broker=peers.broker_url())
    app.conf.update(
        accept_content=["json"],
        broker_connection_retry_on_startup=True,
        task_acks_late=False,
        task_ignore_result=True,
        task_serializer="json",
        worker_disable_rate_limits=True,
        worker_prefetch_multiplier=prefetch,
        worker_send_task_events=False,
    )
    return app


def worker_command(module: str) -> list[str]:
    """Return the command that runs a prefork worker with two processes and no chatter."""
    # fmt: off
    return [
        sys.executable, "-m", "celery", "--app", module, "worker", "--pool", "prefork", "--concurrency",
        str(peers.WORKERS), "--loglevel", "WARNING", "--without-gossip", "--without-mingle", "--without-heartbeat",
    ]
    # fmt: on
