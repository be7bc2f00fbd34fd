"""`lstmcli`, started by torchrun: its last process kills itself, once, as soon as there is a checkpoint.

torchrun --nproc-per-node 2 --max-restarts 1 tests/robustness/killed_once.py CHECKPOINT train DATA ...
"""

import os
import signal
import sys
import threading
import time
from pathlib import Path

from lstmcli.__main__ import main


def kill_when(path: Path) -> None:
    while not path.exists():
        time.sleep(0.01)
    os.kill(os.getpid(), signal.SIGKILL)


if __name__ == "__main__":
    last = int(os.environ["RANK"]) == int(os.environ["WORLD_SIZE"]) - 1
    if last and os.environ["TORCHELASTIC_RESTART_COUNT"] == "0":
        threading.Thread(target=kill_when, args=(Path(sys.argv[1]),), daemon=True).start()
    del sys.argv[1]
    main()
