"""A mail server on a loopback port that answers as a test tells it."""

import socket
import ssl
import threading
from collections.abc import Callable, Generator
from contextlib import contextmanager
from dataclasses import dataclass, field
from io import BufferedRWPair
from typing import NamedTuple

DROP = "drop"
"""An answer that closes the connection instead."""

Rule = Callable[[str, str], str | None]
"""(verb, its line) -> answer, DROP, or None for the usual one. ``.`` is the end of a mail."""

USUAL = {"EHLO": "250-sink\r\n250 8BITMIME", "DATA": "354 go ahead", "QUIT": "221 bye"}


class Taken(NamedTuple):
    """A mail that the server took."""

    sender: str
    recipient: str
    content: bytes


@dataclass
class Sink:
    port: int
    taken: list[Taken] = field(default_factory=list[Taken])
    lines: list[str] = field(default_factory=list[str])
    connections: int = 0


def obliging(_verb: str, _line: str) -> str | None:
    return None


@contextmanager
def mail_server(
    rule: Rule = obliging, *, greeting: str = "220 sink", tls: ssl.SSLContext | None = None
) -> Generator[Sink]:
    """Run a mail server; with ``tls`` it speaks TLS from the first byte."""
    with socket.create_server(("127.0.0.1", 0), backlog=64) as listener:
        sink = Sink(listener.getsockname()[1])
        open_sockets: list[socket.socket] = []

        def accept() -> None:
            while True:
                try:
                    connection, _ = listener.accept()
                except OSError:
                    return
                sink.connections += 1
                open_sockets.append(connection)
                threading.Thread(target=_converse, args=(connection, sink, rule, greeting, tls), daemon=True).start()

        threading.Thread(target=accept, daemon=True).start()
        yield sink
        listener.shutdown(socket.SHUT_RDWR)
        for each in open_sockets:
            try:
                each.shutdown(socket.SHUT_RDWR)
            except OSError:
                continue


def _converse(connection: socket.socket, sink: Sink, rule: Rule, greeting: str, tls: ssl.SSLContext | None) -> None:
    try:
        if tls:
            connection = tls.wrap_socket(connection, server_side=True)
        with connection, connection.makefile("rwb") as stream:
            _Conversation(stream, sink, rule).hold(greeting)
    except OSError:
        pass  # the client left, or the test is over


class _Conversation:
    def __init__(self, stream: BufferedRWPair, sink: Sink, rule: Rule) -> None:
        self._stream = stream
        self._sink = sink
        self._rule = rule
        self._sender = self._recipient = ""
        self._is_open = False

    def hold(self, greeting: str) -> None:
        if greeting == DROP:
            return
        self._say(greeting)
        while line := self._stream.readline().decode("latin-1").rstrip("\r\n"):
            verb = line[:4].upper()
            self._sink.lines.append(line)
            self._remember(verb, line)
            answer = self._rule(verb, line) or self._order(verb) or USUAL.get(verb, "250 2.0.0 fine")
            if answer == DROP:
                return
            self._say(answer)
            if answer.startswith("354") and not self._take():
                return

    def _remember(self, verb: str, line: str) -> None:
        if verb == "MAIL":
            self._sender = line.partition("<")[2].partition(">")[0]
        if verb == "RCPT":
            self._recipient = line.partition("<")[2].partition(">")[0]

    def _order(self, verb: str) -> str | None:
        """Hold the client to the order of the protocol: one mail at a time."""
        was_open = self._is_open
        self._is_open = verb == "MAIL" or (was_open and verb not in {"RSET", "EHLO"})
        return "503 5.5.1 nested MAIL" if was_open and verb == "MAIL" else None

    def _take(self) -> bool:
        lines: list[bytes] = []
        while (line := self._stream.readline()) not in {b".\r\n", b""}:
            lines.append(line[1:] if line.startswith(b".") else line)
        self._is_open = False
        answer = self._rule(".", self._recipient) or "250 2.0.0 taken"
        if answer == DROP:
            return False
        if answer.startswith("250"):
            self._sink.taken.append(Taken(self._sender, self._recipient, b"".join(lines)))
        self._say(answer)
        return True

    def _say(self, text: str) -> None:
        self._stream.write(text.encode() + b"\r\n")
        self._stream.flush()
