"""Where the training files of a model are, seen from its folder."""

import glob
import os
from collections.abc import Sequence
from pathlib import Path

from lstmcli.errors import InputMissing
from lstmcli.model_file.model import Model


def relative_data_paths(sources: Sequence[str], model: Path) -> tuple[str, ...]:
    """The training files as seen from the model's folder; none if one is standard input."""
    folder = model.resolve().parent
    return () if "-" in sources else tuple(os.path.relpath(os.path.realpath(s), folder) for s in sources)


def data_paths(model: Model, path: Path) -> list[str]:
    """Where the training files of a model should be. Raises InputMissing if one is not there."""
    if not model.contract.data:
        raise InputMissing(f"{path}: was trained on standard input; name the data to forecast from")
    found = []
    for recorded in model.contract.data:
        source = os.path.normpath(path.resolve().parent / recorded)
        if not os.path.isfile(source) and not glob.glob(source, recursive=True):
            raise InputMissing(f"{path}: its training data is no longer at {recorded}; name the data")
        found.append(os.path.relpath(source))
    return found
