"""The model file: one .safetensors file with the weights and one JSON document.

It holds no code, no training data and no absolute path, and is read without unpickling.
"""

from lstmcli.model_file.model import FINGERPRINT, MODEL_FORMAT, Contract, Model, Probe
from lstmcli.model_file.probe import probe
from lstmcli.model_file.read import read_and_then, read_model
from lstmcli.model_file.sources import data_paths, files_read, relative_data_paths, unfollowed_note
from lstmcli.model_file.write import write_model, write_readable_model

__all__ = [
    "FINGERPRINT",
    "MODEL_FORMAT",
    "Contract",
    "Model",
    "Probe",
    "data_paths",
    "files_read",
    "probe",
    "read_and_then",
    "read_model",
    "relative_data_paths",
    "unfollowed_note",
    "write_model",
    "write_readable_model",
]
