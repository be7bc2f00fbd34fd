"""matplotlib as it comes: no file of the current folder or the home, and no variable, changes a picture."""

import logging
import os
import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from importlib.util import find_spec
from pathlib import Path
from typing import Any


@contextmanager
def _elsewhere() -> Iterator[None]:
    """Beside the file of matplotlib's own defaults, where it looks first, and without its variables.

    Only while no other thread may open a path: the current folder is that of all.
    """
    spec = find_spec("matplotlib")
    folder = Path((spec and spec.origin) or "").with_name("mpl-data")
    if "matplotlib" in sys.modules or threading.active_count() > 1 or not folder.is_dir():
        yield
        return
    backend = os.environ.pop("MPLBACKEND", None)
    here = os.open(".", os.O_RDONLY)
    try:
        os.chdir(folder)
        yield
    finally:
        os.fchdir(here)
        os.close(here)
        if backend is not None:
            os.environ["MPLBACKEND"] = backend


with _elsewhere():
    import matplotlib

logging.getLogger("matplotlib").addHandler(logging.NullHandler())  # else Python prints its warnings


def settings_of_others() -> dict[str, Any]:
    """The defaults of all settings that a program around this one has changed; pictures have no backend."""
    plain, now = matplotlib.rcParamsDefault, matplotlib.rcParams
    changed = {key for key in plain if dict.get(now, key) != dict.get(plain, key)}
    return {key: dict.get(plain, key) for key in changed if not key.startswith("backend")}
