"""The model file: one .safetensors file with the weights and one JSON document.

It holds no code, no training data and no absolute path, and is read without unpickling.
"""

from lstmcli.bundle.model import FINGERPRINT, FORMAT, Contract, Model, Probe
from lstmcli.bundle.probing import probe
from lstmcli.bundle.reading import read, read_and_then
from lstmcli.bundle.sources import data_paths, relative_data_paths
from lstmcli.bundle.writing import write

__all__ = [
    "FINGERPRINT",
    "FORMAT",
    "Contract",
    "Model",
    "Probe",
    "data_paths",
    "probe",
    "read",
    "read_and_then",
    "relative_data_paths",
    "write",
]
