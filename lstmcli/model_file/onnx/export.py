"""An ONNX file that has been run and found equal to the model."""

import numpy as np
import onnxruntime
from numpy.typing import NDArray

from lstmcli.errors import LstmcliError
from lstmcli.forecasting.forecast import forecast_panel
from lstmcli.model_file import Contract
from lstmcli.model_file.onnx.document import onnx_document
from lstmcli.model_file.onnx.inputs import feed_inputs
from lstmcli.model_file.onnx.trial import trial_panel
from lstmcli.network.architecture import Network
from lstmcli.series.panel import Panel

ONNX_TOLERANCE = 1e-4


def export_checked(network: Network, contract: Contract) -> tuple[bytes, float, int]:
    """The file, the largest difference from `forecasting.forecast`, and on how many made-up series.

    Raises LstmcliError where the difference exceeds `ONNX_TOLERANCE`.
    """
    content = onnx_document(network, contract).SerializeToString(deterministic=True)
    panel = trial_panel(network, contract.step)
    largest = float(difference(content, network, panel).max())
    if not largest <= ONNX_TOLERANCE:
        raise LstmcliError(
            f"the exported graph differs from the model by {largest:.1e} of the spread of a forecast, "
            f"more than {ONNX_TOLERANCE:g}; nothing is written. Please report it"
        )
    return content, largest, len(panel)


def difference(content: bytes, network: Network, panel: Panel) -> NDArray[np.float64]:
    """By how much an ONNX file and the model differ on each series of a panel, (series,).

    The largest difference of a quantile, relative to the spread of the forecast: its largest value
    minus its smallest one, over all steps and quantiles.
    """
    expected = forecast_panel(network, panel, network.arch.horizon).values
    (made,) = session(content).run(["quantiles"], feed_inputs(network, panel))
    spread = np.maximum(np.ptp(expected, axis=(1, 2)), 1e-6 * np.abs(expected).max(axis=(1, 2)))
    away: NDArray[np.float64] = np.abs(made - expected).max(axis=(1, 2)) / np.maximum(spread, 1e-300)
    return away


def session(content: bytes) -> onnxruntime.InferenceSession:
    options = onnxruntime.SessionOptions()
    options.log_severity_level = 3  # errors; what it would say of optimisations is not for users
    return onnxruntime.InferenceSession(content, options, providers=["CPUExecutionProvider"])
