"""What a model file can keep: what would be refused when it is read is refused before training."""

import json
from collections.abc import Sequence
from dataclasses import asdict
from typing import Any

from lstmcli.errors import DataError, SettingsError
from lstmcli.files.tensors import LARGEST_HEADER
from lstmcli.model_file.document import (
    architecture_field,
    check_architecture_size,
    check_contract_values,
    contract_part,
    names_field,
    shape_field,
)
from lstmcli.model_file.fields import DamagedDocument
from lstmcli.model_file.model import Contract, as_text, contract_document
from lstmcli.network.architecture import Architecture
from lstmcli.windows.cut import WindowSpec

_OF_SETTINGS = ("options.", "architecture", "shape")
_OF_DATA = (
    "options.known",
    "options.as_written",
    "options.names",
    "options.time:",
)  # what was found, and named
_ENOUGH = LARGEST_HEADER // 2  # bytes for the rest of the header


def check_storable(
    contract: Contract, arch: Architecture, shape: WindowSpec, categories: Sequence[Sequence[str]]
) -> None:
    """categories: names of each coded covariate.

    Raises SettingsError for a setting, and DataError for a name or a time, that no model file can keep.
    """
    try:
        architecture_field(_as_read(asdict(arch)), "architecture")
        check_architecture_size(arch)
        shape_field(_as_read(asdict(shape)), "shape")
        for names in categories:
            names_field(_as_read(names), "category")
        document = contract_document(contract)
        kept = contract_part(_as_read(document), "contract")
        check_contract_values(kept, arch.context + arch.horizon)
        if len(as_text(document)) > LARGEST_HEADER - _ENOUGH:
            raise DamagedDocument(f"names, series and times of more than {LARGEST_HEADER - _ENOUGH:,} bytes")
    except DamagedDocument as error:
        said = str(error).removeprefix("contract.")
        if said.startswith(_OF_SETTINGS) and not said.startswith(_OF_DATA):
            raise SettingsError(f"{said.removeprefix('options.')}: a model file keeps no other") from None
        raise DataError(
            "not-storable", f"a model file cannot keep this: {said.removeprefix('options.')}"
        ) from None


def _as_read(value: Any) -> Any:
    return json.loads(json.dumps(value))
