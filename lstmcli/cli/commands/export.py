"""`lstmcli export`: a model file in, an ONNX file out."""

from pathlib import Path
from typing import Annotated

import typer

from lstmcli.cli.options import MODEL_PATH, ModelOption


def export(
    output: Annotated[Path, typer.Argument(help="ONNX file to write, as model.onnx.")],
    model: ModelOption = None,
) -> None:
    """Write the whole forecaster as one ONNX graph.

    From raw values (series, length) to quantiles in the units of the data, for programs without
    Python. The graph is run and compared with the model before it is written. Needs
    pip install "lstmcli[onnx]".
    """
    from lstmcli.console.screen import Screen
    from lstmcli.jobs.export import export_model

    done = export_model(model or MODEL_PATH, output)
    inputs = "".join(f", {name}" for name in done.inputs)
    checked = f"on {done.series} made-up series: differs by {done.difference:.1e} of the spread of a forecast"
    opened = f"values and steps of the graph are of open times alone: {done.opened}; leave closed ones out"
    Screen().facts(
        [
            ("inputs", f"values (series, length){inputs}"),
            ("outputs", f"quantiles (series, {done.horizon}, {done.quantiles}), median"),
            ("checked", checked),
            ("wrote", f"{output} ({done.size:,} bytes)"),
            ("note", f"the graph ends after {done.horizon} steps; only predict forecasts beyond them"),
            *([("note", opened)] if done.opened else []),
        ]
    )
