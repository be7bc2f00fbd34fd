"""What the file of the built-in network records beside its weights: their sum, and a small forecast."""

import hashlib
import json
import os
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from lstmcli.errors import DataError
from lstmcli.files.tensors import TensorFileError, parse_json, read_header
from lstmcli.forecasting.builtin import builtin_quantiles
from lstmcli.network.builtin import builtin_shapes, read_builtin
from lstmcli.series.arrays import Array

RECORD_FORMAT = 1
_KEY = "lstmcli"  # of the metadata
_VALUES, _SEASON, _AHEAD = 60, 12, 6


@dataclass(frozen=True)
class BuiltinRecord:
    """sha256: of the weights; forecast: (steps, quantiles) of `recorded_forecast`."""

    format: int
    sha256: str
    forecast: Array


def builtin_metadata(weights: Mapping[str, Array]) -> dict[str, str]:
    """What is written beside weights, which are rounded to half precision."""
    rounded = {name: weights[name].astype(np.float16).astype(np.float32) for name in builtin_shapes()}
    record = {
        "format": RECORD_FORMAT,
        "sha256": weight_sum(rounded),
        "forecast": recorded_forecast(rounded).tolist(),
    }
    return {_KEY: json.dumps(record, allow_nan=False)}


def weight_sum(weights: Mapping[str, Array]) -> str:
    """SHA-256 of the weights in half precision: one changed bit changes it."""
    digest = hashlib.sha256()
    for name in builtin_shapes():
        digest.update(name.encode())
        digest.update(weights[name].astype("<f2").tobytes())
    return digest.hexdigest()


def recorded_forecast(weights: Mapping[str, Array]) -> Array:
    """Quantiles (steps, quantiles) for a made-up series: a rising wave with a season of 12."""
    time = np.arange(_VALUES)
    values = 100 + time / 2 + 10 * np.sin(2 * np.pi * time / _SEASON)
    return builtin_quantiles([values], _SEASON, _SEASON, _AHEAD, weights)[0]


def read_builtin_record(path: Path) -> tuple[dict[str, Array], BuiltinRecord]:
    """Weights and record. Raises DataError for a file that is not what was written."""
    try:
        weights = read_builtin(path)
        with open(path, "rb") as file:
            found = parse_json(read_header(file, os.fstat(file.fileno()).st_size).metadata[_KEY])
        record = BuiltinRecord(int(found["format"]), str(found["sha256"]), np.array(found["forecast"], float))
    except (OSError, TensorFileError, KeyError, TypeError, ValueError) as error:
        raise DataError("damaged-model", f"{error}; install lstmcli again", path=str(path)) from None
    if record.sha256 != weight_sum(weights):
        raise DataError("damaged-model", "its weights were changed; install lstmcli again", path=str(path))
    return weights, record
