"""Python processes that start at once, for the tests that start a hundred of them.

A server imports PyTorch and the other packages of other people once, and nothing of ours. It forks
for every script, which then runs as in a process that has just started: own memory, own modules,
own environment, folder, output and exit status. Only `sys.path` is the server's: a PYTHONPATH that
is another's needs a Python that starts anew, which imports those packages for 3 seconds.

    python warm_python.py serve FILENO     answers at this listening socket
    python warm_python.py run EXECUTABLE ADDRESS ...
                                           is `python ...`, in a fork; ...: SCRIPT, or -m MODULE
"""

from __future__ import annotations

import fcntl
import json
import os
import signal
import socket
import sys

PACKAGES = [
    "torch._dynamo",
    "torch.utils.data",
    "torchvision",
    "lpips",
    "matplotlib.pyplot",
    "numpy",
    "pandas",
    "PIL.Image",
    "pytorch_msssim",
    "safetensors.torch",
    "scipy.stats",
    "seaborn",
    "sionna.phy",
    "snakemake.cli",
    "torch_fidelity",
    "typer",
    "yaml",
]
LENGTH_BYTES, STATUS_BYTES = 8, 4


def serve(listener: socket.socket) -> None:
    """Fork for every request until standard input ends: whoever started the server is gone then."""
    import importlib
    import select

    for package in PACKAGES:
        importlib.import_module(package)
    signal.signal(signal.SIGCHLD, signal.SIG_IGN)  # nobody waits for the forks
    while True:
        ready, _, _ = select.select([listener, sys.stdin], [], [])
        if sys.stdin in ready:
            os._exit(0)
        connection, _ = listener.accept()
        if os.fork() == 0:
            signal.signal(signal.SIGCHLD, signal.SIG_DFL)
            listener.close()
            answer(connection)
        connection.close()


def answer(connection: socket.socket) -> None:
    """Become the process that the other end asks for, and tell it the exit status."""
    head, descriptors, _, _ = socket.recv_fds(connection, LENGTH_BYTES, 3)
    length, request = int.from_bytes(head, "big"), b""
    while len(request) < length:
        request += connection.recv(length - len(request))
    for number, descriptor in enumerate(descriptors):
        os.dup2(descriptor, number)
        os.close(descriptor)
    # From here on nothing comes from the other end but its death: the signal ends this process too.
    fcntl.fcntl(connection, fcntl.F_SETOWN, os.getpid())
    fcntl.fcntl(connection, fcntl.F_SETFL, os.O_ASYNC)
    told = json.loads(request)
    os.chdir(told["folder"])
    os.environ.clear()
    os.environ.update(told["environment"])
    sys.executable = told["executable"]
    leave = os._exit

    def tell(status: int) -> None:
        signal.signal(signal.SIGIO, signal.SIG_IGN)
        connection.sendall(status.to_bytes(STATUS_BYTES, "big"))
        leave(status)

    os._exit = tell  # a script of a job ends with it
    tell(exit_status(told["arguments"]))


def exit_status(arguments: list[str]) -> int:
    """That of ``python ARGUMENTS`` at its end, with all that is done at its end."""
    import atexit
    import runpy
    import traceback

    status = 0
    try:
        if arguments[0] == "-m":
            sys.argv, sys.path[0] = arguments[1:], os.getcwd()
            runpy.run_module(arguments[1], run_name="__main__", alter_sys=True)
        else:
            sys.argv, sys.path[0] = arguments, os.path.dirname(os.path.abspath(arguments[0]))
            runpy.run_path(arguments[0], run_name="__main__")
    except SystemExit as end:
        status = end.code if isinstance(end.code, int) else int(end.code is not None)
        if isinstance(end.code, str):
            print(end.code, file=sys.stderr)
    except BaseException:
        traceback.print_exc()
        status = 1
    atexit._run_exitfuncs()
    sys.stdout.flush()
    sys.stderr.flush()
    return status


def run(executable: str, address: str, arguments: list[str]) -> int:
    """Exit status of ``python ARGUMENTS`` in a fork of the server at ``address``; 1 if it died.

    To the fork, ``executable`` is its Python: what it starts is a fork too.
    """
    told = {"executable": executable, "arguments": arguments, "folder": os.getcwd()}
    request = json.dumps(told | {"environment": dict(os.environ)}).encode()
    with socket.socket(socket.AF_UNIX) as connection:
        connection.connect(address)
        socket.send_fds(connection, [len(request).to_bytes(LENGTH_BYTES, "big")], [0, 1, 2])
        connection.sendall(request)
        status = connection.recv(STATUS_BYTES)
    return int.from_bytes(status, "big") if status else 1


if __name__ == "__main__":
    if sys.argv[1] == "serve":
        serve(socket.socket(fileno=int(sys.argv[2])))
    else:
        sys.exit(run(sys.argv[2], sys.argv[3], sys.argv[4:]))
