"""Runs of the program without the seconds that its imports take: one process that has them forks for each.

`warm_program` is a script that looks to a shell like the program. Signals that it gets do not reach the run,
and what a start loads is not seen: tests of these start the program itself.
"""

import atexit
import gc
import json
import os
import select
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import traceback
from contextlib import suppress
from functools import cache
from pathlib import Path

_LENGTH = 8  # bytes of the number before a request
CLIENT = """#!{python} -ISE
import json, os, socket, sys
connection = socket.socket(socket.AF_UNIX)
connection.connect({path!r})
request = json.dumps([sys.argv[1:], os.getcwd(), dict(os.environ)]).encode()
socket.send_fds(connection, [len(request).to_bytes(8, "big")], [0, 1, 2])
connection.sendall(request)
sys.exit(int(connection.recv(8)))
"""


@cache
def warm_program() -> str:
    """The path of an executable file whose runs a server does; it starts with the first of them and ends
    with this process."""
    folder = Path(tempfile.mkdtemp(prefix="warm"))
    path, script = str(folder / "socket"), folder / "lstmcli"
    command = [sys.executable, __file__, path]
    environment = os.environ | {"PYTHONPATH": str(Path(__file__).parents[1])}
    server = subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, env=environment)
    assert server.stdout and server.stdin
    assert server.stdout.readline() == b"ready\n"
    atexit.register(shutil.rmtree, folder)
    atexit.register(server.wait)
    atexit.register(server.stdin.close)  # which comes first
    script.write_text(CLIENT.format(python=sys.executable, path=path))
    script.chmod(0o755)
    return str(script)


def serve(path: str) -> None:
    """Ends with the standard input."""
    import pandas  # noqa: F401
    import torch  # noqa: F401

    import lstmcli.cli.app
    import lstmcli.jobs.train.job

    lstmcli.cli.app.program()
    gc.freeze()  # or every run would copy all of it
    server = socket.socket(socket.AF_UNIX)
    server.bind(path)
    server.listen(16)
    print("ready", flush=True)
    signal.signal(signal.SIGCHLD, _gather)
    while 0 not in select.select([server, 0], [], [])[0]:
        connection, _ = server.accept()
        if os.fork() == 0:
            server.close()
            os.dup2(os.open(os.devnull, os.O_RDONLY), 0)  # only this process ends with the input
            signal.signal(signal.SIGCHLD, signal.SIG_DFL)
            _answer(connection)
            os._exit(0)
        connection.close()


def _gather(*_: object) -> None:
    """Takes in runs that have ended, so that their processor time counts as that of the tests."""
    with suppress(ChildProcessError):
        while os.waitpid(-1, os.WNOHANG)[0]:
            pass


def _answer(connection: socket.socket) -> None:
    length, streams, *_ = socket.recv_fds(connection, _LENGTH, 3)
    wanted = int.from_bytes(length, "big")
    request = b""
    while len(request) < wanted and (part := connection.recv(wanted - len(request))):
        request += part
    child = os.fork()
    if child == 0:
        connection.close()
        os._exit(_run(*json.loads(request), streams))
    for stream in streams:
        os.close(stream)
    code = os.waitstatus_to_exitcode(os.waitpid(child, 0)[1])
    connection.sendall(str(code if code >= 0 else 128 - code).encode())


def _run(words: list[str], folder: str, environment: dict[str, str], streams: list[int]) -> int:
    """The exit code of the program."""
    for number, stream in enumerate(streams):
        os.dup2(stream, number)
        os.close(stream)
    os.chdir(folder)
    os.environ.clear()
    os.environ.update(environment)
    sys.argv = ["lstmcli", *words]
    sys.stdin = sys.__stdin__ = open(0, encoding="utf-8")  # noqa: SIM115
    sys.stdout = sys.__stdout__ = open(1, "w", encoding="utf-8")  # noqa: SIM115
    sys.stderr = sys.__stderr__ = open(2, "w", encoding="utf-8", buffering=1)  # noqa: SIM115
    from lstmcli.__main__ import main

    code: object = 0
    try:
        main()
    except SystemExit as end:
        code = end.code
    except BaseException:
        traceback.print_exc()
        code = 1
    for stream in (sys.stdout, sys.stderr):
        try:
            stream.flush()
        except (OSError, ValueError):
            code = code or 120
    return int(code or 0) if isinstance(code, int) or code is None else 1


if __name__ == "__main__":
    serve(sys.argv[1])
