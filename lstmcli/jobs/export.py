"""`lstmcli export`: a model as a checked ONNX file."""

from dataclasses import dataclass
from pathlib import Path

from lstmcli.errors import UsageError
from lstmcli.files.checked import Output, check_outputs
from lstmcli.files.write import write_atomically
from lstmcli.model_file import read_model
from lstmcli.network.builtin_file import is_builtin


@dataclass(frozen=True)
class ExportResult:
    """inputs      names of the inputs of the graph after `values`
    horizon     steps of the output
    quantiles   of the output, how many
    series      that graph and model were compared on
    difference  largest, relative to the spread of a forecast
    size        bytes of the file
    opened      the times of the week that the steps count; "" where they count all
    """

    inputs: tuple[str, ...]
    horizon: int
    quantiles: int
    series: int
    difference: float
    size: int
    opened: str


def export_model(model: Path, output: Path) -> ExportResult:
    """Writes the graph after it gave the forecasts of the model.

    Raises UsageError for another ending than .onnx, for a missing package and for a model that has no
    graph; CannotCreate or WriteFailed.
    """
    if output.suffix != ".onnx":
        name = output.with_suffix(".onnx").name if output.stem.strip("-") else "model.onnx"
        raise UsageError(f"{output}: export writes ONNX files: name it {name}")
    check_outputs([Output("OUTPUT", output, "onnx")], [model])
    if is_builtin(model):
        raise UsageError(
            "-m builtin: forecasts are mixed of the built-in network, ets and theta, which the ONNX file "
            "cannot hold; train a model with --set mix=network"
        )
    loaded = read_model(model)
    if mix := loaded.network.mix:
        members = ", ".join(name for name in mix.shares if name != "network")
        raise UsageError(
            f"{model}: forecasts are mixed with {members}, which the ONNX file cannot hold; "
            "train the model with --set mix=network"
        )
    try:
        from lstmcli.model_file.onnx.document import open_times
        from lstmcli.model_file.onnx.export import export_checked
        from lstmcli.model_file.onnx.inputs import input_columns
    except ImportError as error:
        if error.name is None or error.name.startswith("lstmcli"):
            raise
        raise UsageError(
            f'export needs the package {error.name}; install it with: pip install "lstmcli[onnx]"'
        ) from None
    content, difference, series = export_checked(loaded.network, loaded.contract)
    write_atomically(output, content)
    arch, inputs = loaded.network.arch, tuple(input_columns(loaded.network))
    opened = open_times(loaded.contract.step)
    return ExportResult(inputs, arch.horizon, len(arch.quantiles), series, difference, len(content), opened)
