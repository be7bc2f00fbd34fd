"""The whole ONNX file: graph, its inputs and outputs, and what a reader must know of it."""

import json

import numpy as np
from onnx import ModelProto, TensorProto, helper

from lstmcli._version import __version__
from lstmcli.model_file import Contract
from lstmcli.model_file.onnx.builder import Builder
from lstmcli.model_file.onnx.forecast import build_forecast
from lstmcli.model_file.onnx.inputs import declare_inputs, input_columns
from lstmcli.network.architecture import Network
from lstmcli.series.calendar import Step
from lstmcli.series.open_week import describe_week

# Read by onnxruntime since 1.12; nothing newer is needed.
_OPSET, _IR = 17, 8
_MONDAY = np.datetime64("2024-01-01")  # at the full hour


def onnx_document(network: Network, contract: Contract) -> ModelProto:
    """The forecaster from raw values to quantiles in the units of the data.

    Inputs as in `inputs.Inputs`; outputs: quantiles (series, horizon, levels) and median (series,
    horizon), double. `rounded` is left out: the numbers have all their digits.
    """
    builder, levels, horizon = Builder(), network.arch.quantiles, network.arch.horizon
    quantiles = build_forecast(network, declare_inputs(builder, network)).named("quantiles")
    quantiles.take([levels.index(0.5)], axis=2).squeezed(2).named("median")
    outputs = [
        helper.make_tensor_value_info("quantiles", TensorProto.DOUBLE, ["series", horizon, len(levels)]),
        helper.make_tensor_value_info("median", TensorProto.DOUBLE, ["series", horizon]),
    ]
    graph = helper.make_graph(builder.nodes, "forecaster", builder.inputs, outputs, builder.constants)
    model = helper.make_model(
        graph,
        opset_imports=[helper.make_opsetid("", _OPSET)],
        ir_version=_IR,
        producer_name="lstmcli",
        producer_version=__version__,
        doc_string=_told(network, contract),
    )
    helper.set_model_props(model, metadata(network, contract))
    return model


def metadata(network: Network, contract: Contract) -> dict[str, str]:
    """What is stored beside the graph; lists and objects as JSON."""
    shape, scaling, step = network.shape, network.scaling, contract.step
    made = {
        "lstmcli": __version__,
        "step": str(step),
        "season": str(shape.season),
        "horizon": str(shape.horizon),
        "context": str(shape.context),
        "quantiles": json.dumps(network.arch.quantiles),
        "transform": scaling.transform,
        "targets": json.dumps(contract.roles.targets),
        "columns": json.dumps(_columns(network, contract)),
        "categories": json.dumps(_categories(network, contract)),
    }
    if shape.holidays:
        made["holidays"] = shape.holidays
    if opened := open_times(step):
        made["open"] = opened
    return made


def open_times(step: Step) -> str:
    """Those that the steps of a graph count, in words; "" where they count all."""
    return describe_week(step.week, _MONDAY) if step.kind == "open" else ""


def _columns(network: Network, contract: Contract) -> dict[str, list[str]]:
    """The names of the columns of every covariate input, in order."""
    roles, names = contract.roles, {}
    for role, columns in (("past", roles.past), ("future", roles.future), ("static", roles.static)):
        names[role] = list(roles.numeric(columns))
        names[f"{role}_codes"] = [name for name in roles.categorical if name in columns]
    if network.shape.holidays:
        names["future"] += ["holiday", "day before a holiday", "day after a holiday"]
    wanted = input_columns(network)
    if count := wanted.get("calendar"):
        waves = [f"{wave} of the {cycle}" for cycle in ("day", "week", "year") for wave in ("sine", "cosine")]
        names["calendar"] = waves[-count:]  # long steps lack the shorter cycles
    return {name: names[name] for name in wanted}


def _categories(network: Network, contract: Contract) -> dict[str, list[str]]:
    """The texts of every categorical column; the first has the code 1."""
    known = zip(contract.roles.categorical, network.scaling.categories, strict=True)
    return {column: list(texts) for column, texts in known}


def _told(network: Network, contract: Contract) -> str:
    horizon, step = network.shape.horizon, contract.step
    opened = open_times(step)
    return (f"Values and steps are those of open times alone: {opened}. " if opened else "") + (
        f"Forecasts the {horizon} steps (one step: {step}) after the last column of values (series, length), "
        "NaN where missing; any number of series of any length. quantiles: (series, horizon, levels). Beyond "
        "its horizon the graph says nothing: `lstmcli predict --horizon` rolls on from its own forecasts, "
        "which is not in it."
    )
