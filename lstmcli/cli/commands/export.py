"""`lstmcli export`: a model file in, an ONNX file out."""

from pathlib import Path
from typing import Annotated

import typer

from lstmcli.cli.options import MODEL_PATH, ModelOption


def export(
    output: Annotated[Path, typer.Argument(help="ONNX file to write, as model.onnx.")],
    model: ModelOption = MODEL_PATH,
) -> None:
    """Write the whole forecaster as one ONNX graph.

    From raw values (series, length) to quantiles in the units of the data, for programs without
    Python. The graph is run and compared with the model before it is written. Needs
    pip install "lstmcli[onnx]".
    """
    from lstmcli.console.screen import Screen
    from lstmcli.errors import UsageError
    from lstmcli.files.write import check_can_create, write_atomically
    from lstmcli.model_file import read_model

    if output.suffix != ".onnx":
        name = output.with_suffix(".onnx").name if output.stem.strip("-") else "model.onnx"
        raise UsageError(f"{output}: export writes ONNX files: name it {name}")
    check_can_create(output)
    loaded, screen = read_model(model), Screen()
    try:
        from lstmcli.model_file.onnx.export import export_checked
        from lstmcli.model_file.onnx.inputs import input_columns
    except ImportError as error:
        if error.name is None or error.name.startswith("lstmcli"):
            raise
        raise UsageError(
            f'export needs the package {error.name}; install it with: pip install "lstmcli[onnx]"'
        ) from None
    content, largest, count = export_checked(loaded.network, loaded.contract)
    write_atomically(output, content)
    arch, more = loaded.network.arch, "".join(f", {name}" for name in input_columns(loaded.network))
    screen.facts(
        [
            ("inputs", f"values (series, length){more}"),
            ("outputs", f"quantiles (series, {arch.horizon}, {len(arch.quantiles)}), median"),
            ("checked", f"on {count} made-up series: differs by {largest:.1e} of the spread of a forecast"),
            ("wrote", f"{output} ({len(content):,} bytes)"),
            ("note", f"the graph ends after {arch.horizon} steps; to roll on beyond them is left to predict"),
        ]
    )
