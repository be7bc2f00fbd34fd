"""`lstmcli inspect-gates --compare`: several models side by side on the same data."""

from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from lstmcli.gates.compare_models import ModelFigures
    from lstmcli.model_file import Model
    from lstmcli.tables.read import Table


def inspect_several(
    models: list[Path], data: list[str] | None, windows: int, member: int, as_json: bool, output: str
) -> None:
    """Looks into each model on the data of the first, and writes the figures as one table."""
    from lstmcli.files.output import write_out
    from lstmcli.gates.compare_models import check_same_series, comparison_json, comparison_text
    from lstmcli.model_file import data_paths, read_model
    from lstmcli.tables.read import read_table

    loaded = [read_model(path) for path in models]
    names = [str(path) for path in models]
    check_same_series(names, [model.contract for model in loaded])
    table = read_table(data or data_paths(loaded[0], models[0]), loaded[0].contract.options)
    columns = [
        _column(name, model, table, windows, member) for name, model in zip(names, loaded, strict=True)
    ]
    write_out(comparison_json(columns) if as_json else comparison_text(columns), output)


def _column(name: str, model: "Model", table: "Table", windows: int, member: int) -> "ModelFigures":
    from lstmcli.errors import DataError, UsageError
    from lstmcli.forecasting.forecast import check_positive
    from lstmcli.gates.compare_models import column
    from lstmcli.gates.inspection import check_identities, inspect_member
    from lstmcli.tables.read import panel_with
    from lstmcli.tables.read.for_contract import roles_of

    members, contract = model.network.arch.members, model.contract
    if member >= members:
        raise UsageError(f"--member {member}: {name} has {members}, counted from 0")
    try:
        panel = panel_with(table, roles_of(model.contract), contract.step)
        check_positive(panel, model.network.scaling)
    except DataError as error:
        raise DataError(error.kind, f"{name} cannot read this data: {error}") from None
    told = inspect_member(model.network, panel, windows, member, contract.covariates)
    check_identities(told.report)
    return column(name, model, told)
