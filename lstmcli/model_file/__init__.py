"""The model file: one .safetensors file with the weights and one JSON document.

It holds no code, no training data and no absolute path, and is read without unpickling.
"""

from lstmcli.model_file.model import FINGERPRINT, FORMAT, Contract, Model, Probe
from lstmcli.model_file.probe import probe
from lstmcli.model_file.read import read, read_and_then
from lstmcli.model_file.sources import data_paths, relative_data_paths
from lstmcli.model_file.write import write

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
