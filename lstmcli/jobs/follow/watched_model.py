"""A model file that may be replaced while it is in use."""

from collections.abc import Callable
from pathlib import Path

from lstmcli.errors import LstmcliError
from lstmcli.jobs.follow.follower import Follower
from lstmcli.jobs.follow.watcher import RowWatcher
from lstmcli.model_file import Model, read_model


class WatchedModel:
    """The model in a file. made: instead of what is in the file, for one that is never replaced.

    Raises the errors of `read_model`.
    """

    def __init__(self, path: Path, made: Model | None = None) -> None:
        self.path = path
        self._seen = self._stamp()
        self.model = made or read_model(path)

    def _stamp(self) -> tuple[int, ...]:
        try:
            found = self.path.stat()
        except OSError:
            return ()
        return found.st_ino, found.st_size, found.st_mtime_ns

    def renewed(self) -> Model | None:
        """The new model, where the file was replaced since. Raises InputMissing or DataError, once."""
        stamp = self._stamp()
        if not stamp or stamp == self._seen:
            return None
        self._seen = stamp
        self.model = read_model(self.path)
        return self.model


def apply_reload(
    file: WatchedModel,
    follower: Follower | RowWatcher,
    say: Callable[[str], None],
    used: str = "forecasts now use the new model",
) -> None:
    """Takes a new model file into use, and says so; keeps the old model where the new one cannot be used.

    used: what is said."""
    try:
        model = file.renewed()
        if model is None:
            return
        follower.renew(model)
    except LstmcliError as error:
        say(f"warning: {file.path} was replaced, but cannot be used: {error}; the old model stays in use")
    else:
        say(f"note: {file.path} was replaced; {used}")
