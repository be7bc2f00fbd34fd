"""Dask's workers on this machine, under a process in a session of its own: what a terminal sends to all
does not reach them, what they print is nobody's concern, and none is left when it is ended.

Run as a program it is that process.
"""

import contextlib
import os
import shutil
import signal
import subprocess
import sys
import tempfile
from collections.abc import Callable, Iterator

from lstmcli.errors import Unavailable


@contextlib.contextmanager
def local_workers(count: int, loud: bool = False) -> Iterator[Callable[[], str]]:
    """Begins to start a scheduler and `count` workers, and gives what waits for its address; all of them
    are ended with the block. loud: what they print goes to standard error.

    The one that waits raises Unavailable where they do not start.
    """
    # The workers would look 100 times a second at what they do, for a page that nobody opens.
    unprofiled = {"DASK_DISTRIBUTED__WORKER__PROFILE__ENABLED": "False"}
    paths = os.pathsep.join(path or os.getcwd() for path in sys.path)
    with tempfile.TemporaryDirectory(prefix="lstmcli-") as folder:
        process = subprocess.Popen(
            [sys.executable, "-P", "-m", __name__, str(count), folder],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=None if loud else subprocess.DEVNULL,
            text=True,
            start_new_session=True,
            env=os.environ | {"PYTHONPATH": paths, "TMPDIR": folder} | unprofiled,
        )

        def address() -> str:
            assert process.stdout is not None
            answer = process.stdout.readline().strip()
            if not answer:
                raise Unavailable(
                    "--engine dask: no workers start here; run again with --debug for the reason"
                )
            return answer

        with process:
            try:
                yield address
            finally:
                os.killpg(process.pid, signal.SIGKILL)


def serve() -> None:
    """Arguments: the number of workers, and a folder for what they put aside. Prints the address of the
    scheduler, and ends when standard input does, so also when the one who asked was killed."""
    from distributed import LocalCluster

    count, folder = int(sys.argv[1]), sys.argv[2]
    try:
        with LocalCluster(
            n_workers=count,
            threads_per_worker=1,
            host="127.0.0.1",
            dashboard_address=None,
            local_directory=folder,
        ) as cluster:
            print(cluster.scheduler_address, flush=True)
            sys.stdin.read()
    finally:
        shutil.rmtree(folder, ignore_errors=True)


if __name__ == "__main__":
    serve()
