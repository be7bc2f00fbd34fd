"""The probe: a forecast that any machine can make again from the model alone."""

import numpy as np

from lstmcli.forecasting.forecast import scaled_quantiles
from lstmcli.model_file.model import Probe
from lstmcli.network.architecture import LEVEL_COLUMNS, Network
from lstmcli.windows.cut import Windows, baseline_forecasts
from lstmcli.windows.scaling import WindowScale


def probe(network: Network) -> Probe:
    """A made-up window and its forecast: a wave over the context, no covariates.

    Replaying it shows whether this machine computes the numbers that training saw.
    """
    arch, shape = network.arch, network.shape
    time = np.arange(arch.context)
    context = np.sin(2 * np.pi * time / max(shape.season, 4))[None].astype(np.float32)
    missing = np.zeros(context.shape, bool)
    one = np.ones((1, 1))
    windows = Windows(
        context=context,
        missing=missing,
        covariates=np.zeros((1, arch.context, arch.covariates), np.float32),
        ahead=np.zeros((1, arch.horizon, arch.ahead), np.float32),
        codes=np.zeros((1, arch.context, len(arch.past_tables) + len(arch.future_tables)), np.int64),
        codes_ahead=np.zeros((1, arch.horizon, len(arch.future_tables)), np.int64),
        static=np.zeros((1, arch.static), np.float32),
        static_codes=np.zeros((1, len(arch.static_tables)), np.int64),
        levels=np.zeros((1, LEVEL_COLUMNS), np.float32),
        baselines=baseline_forecasts(context, missing, shape),
        target=np.zeros((1, arch.horizon), np.float32),
        scale=WindowScale(0 * one, one, one),
    )
    quantiles = scaled_quantiles(network, windows)[0]
    return Probe(tuple(context[0].tolist()), tuple(map(tuple, quantiles.tolist())))
