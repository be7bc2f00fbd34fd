"""The state of a stream in a file."""

import time
from pathlib import Path

from lstmcli.jobs.follow.watcher import RowWatcher
from lstmcli.model_file.watch_state import write_state

_SECONDS = 60.0  # between two times that it is written


class KeptState:
    """Writes what a watcher remembers, at the end and from time to time, but nothing that nobody has taken:
    what was judged and not told is judged again. path: None where nothing is kept."""

    def __init__(self, path: Path | None, watcher: RowWatcher) -> None:
        self._path, self._watcher = path, watcher
        self._written, self._told = time.monotonic(), True

    def judging(self) -> None:
        """Rows are judged from now on."""
        self._told = False

    def taken(self) -> None:
        """What was judged is told. Raises CannotCreate or WriteFailed."""
        self._told = True
        if time.monotonic() - self._written >= _SECONDS:
            self.write()

    def write(self) -> None:
        """Where all is told. Raises CannotCreate or WriteFailed."""
        state = self._watcher.state() if self._path is not None and self._told else None
        if self._path is not None and state is not None:
            write_state(self._path, state)
        self._written = time.monotonic()
