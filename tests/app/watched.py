"""`python watched.py LOG ...` is `editable-deepsc ...`.

LOG gets a line for every address outside this machine that it asks for.
"""

from __future__ import annotations

import runpy
import sys

HERE = {"127.0.0.1", "::1", "localhost", "0.0.0.0", "", "None"}


def watch(log: str) -> None:
    """Write down names that are looked up and addresses that are called."""

    def heard(event: str, arguments: tuple) -> None:
        if event == "socket.getaddrinfo":
            host = arguments[0]
        elif event == "socket.connect" and isinstance(arguments[1], tuple):
            host = arguments[1][0]
        else:
            return
        name = host.decode() if isinstance(host, bytes) else str(host)
        if name not in HERE:
            with open(log, "a") as file:
                file.write(f"{event} {name}\n")

    sys.addaudithook(heard)


if __name__ == "__main__":
    watch(sys.argv.pop(1))
    runpy.run_module("editable_deepsc", run_name="__main__")
