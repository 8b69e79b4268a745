"""Connections for downloads: http and https alone, watched by a clock that a server cannot hold up.

The time limit of a socket starts again with every byte. A server that sends one byte a minute, in
its head or its body, would hold a download for ever; here a second thread looks at the clock.
"""

from __future__ import annotations

import http.client
import socket
import threading
import time
import urllib.error
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from typing import Any, NamedTuple

SLOWEST = 256  # bytes per second; less is no download


class Limits(NamedTuple):
    """Seconds: of a whole download, and of any span that brings less than :data:`SLOWEST`."""

    whole: float = 12 * 3600.0
    stall: float = 60.0


class Overdue(OSError):
    """A connection that was shut because it was too slow."""


class Watch:
    """Shuts the connections of one download when its ``limits`` are reached."""

    def __init__(self, limits: Limits):
        self.limits = limits
        self.deadline = time.monotonic() + limits.whole
        self.bytes = 0

    @property
    def overdue(self) -> bool:
        """Whether the whole download has taken longer than it may."""
        return time.monotonic() >= self.deadline

    def arrived(self, count: int) -> None:
        self.bytes += count

    @contextmanager
    def connection(self) -> Iterator[list[socket.socket]]:
        """A list for the sockets of a connection, which are watched until the block ends.

        :class:`Overdue` instead of whatever a socket says that was shut.
        """
        sockets: list[socket.socket] = []
        done, reason = threading.Event(), list[str]()
        thread = threading.Thread(target=self._look, args=(sockets, done, reason), daemon=True)
        thread.start()
        try:
            yield sockets
        except Exception:
            if reason:
                raise Overdue(reason[0]) from None
            raise
        finally:
            done.set()
            thread.join()
        if reason:  # a socket that was shut looks like one whose file has ended
            raise Overdue(reason[0])

    def _look(self, sockets: list[socket.socket], done: threading.Event, reason: list[str]) -> None:
        since, bytes_then = time.monotonic(), self.bytes
        while not done.wait(min(0.25, self.limits.stall / 4)):
            now = time.monotonic()
            slow = False
            if now - since >= self.limits.stall:
                slow = self.bytes - bytes_then < SLOWEST * (now - since)
                since, bytes_then = now, self.bytes
            if self.overdue or slow:
                reason.append(f"less than {SLOWEST} bytes a second" if slow else "out of time")
                for each in list(sockets):
                    with suppress(OSError):
                        each.shutdown(socket.SHUT_RDWR)
                return


def opener(sockets: list[socket.socket]) -> urllib.request.OpenerDirector:
    """What opens http and https addresses and enters every socket into ``sockets``.

    Redirections to other schemes (ftp, file) are refused; proxies of the environment are used.
    """

    class Plain(http.client.HTTPConnection):
        def connect(self):
            super().connect()
            sockets.append(self.sock)

    class Secure(http.client.HTTPSConnection, Plain):
        def connect(self):
            super().connect()  # Plain's is within: the handshake is watched too
            sockets.append(self.sock)

    class Redirections(urllib.request.HTTPRedirectHandler):
        def redirect_request(self, req, fp, code, msg, headers, newurl):
            if not newurl.lower().startswith(("http://", "https://")):
                raise urllib.error.HTTPError(
                    req.full_url, code, f"a redirection to {newurl}", headers, fp
                )
            return super().redirect_request(req, fp, code, msg, headers, newurl)

    class PlainHandler(urllib.request.HTTPHandler):
        def http_open(self, request):
            return self.do_open(Plain, request)

    class SecureHandler(urllib.request.HTTPSHandler):
        def https_open(self, request):
            return self.do_open(Secure, request)

    director = urllib.request.OpenerDirector()
    handlers: list[Any] = [
        urllib.request.ProxyHandler(),
        urllib.request.UnknownHandler(),
        urllib.request.HTTPDefaultErrorHandler(),
        Redirections(),
        urllib.request.HTTPErrorProcessor(),
        PlainHandler(),
        SecureHandler(),
    ]
    for handler in handlers:
        director.add_handler(handler)
    return director
