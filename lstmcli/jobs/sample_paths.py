"""Sample paths of the forecasts of a model: for rows of samples, totals, and chances of crossing a value."""

from dataclasses import replace

import numpy as np

from lstmcli.errors import UsageError
from lstmcli.errors.findings import plural
from lstmcli.evaluation.dependence import dependence_of, past_errors, usual_variance
from lstmcli.forecasting.forecast import forecast_panel
from lstmcli.forecasting.paths import Dependence, PathMaker
from lstmcli.jobs.forecast import ForecastResult
from lstmcli.model_file import Model
from lstmcli.series.panel import Key, Panel

OF_TOTALS = 1000  # samples
OF_CHANCES = 2000
_SERIES = 16  # whose forecasts tell how errors grow


def path_maker(result: ForecastResult, samples: int, seed: int = 0, mirrored: bool = False) -> PathMaker:
    """Of a forecast. Raises UsageError for a model of the median alone."""
    if len(result.model.network.arch.quantiles) < 2:
        raise UsageError("this model forecasts the median alone: paths need quantiles beside it")
    dependence = model_dependence(result.model, result.panel, result.steps)
    never, closed = never_below_zero(result.panel), result.panel.step.zeros
    return PathMaker(dependence, samples, seed, never, mirrored, closed)


def model_dependence(model: Model, panel: Panel, horizon: int) -> Dependence:
    """How the errors of a model move together: by those in its file, or on past windows of the panel where
    it was not trained."""
    network = model.network
    some = np.unique(np.linspace(0, len(panel) - 1, min(len(panel), _SERIES)).astype(int))
    made = forecast_panel(network, panel.select(some), horizon)
    variance = usual_variance(made.values, network.arch.quantiles)
    if network.is_trained:
        return dependence_of(model.errors, variance[: network.arch.horizon])
    arch, shape = replace(network.arch, horizon=horizon), replace(network.shape, horizon=horizon)
    return dependence_of(past_errors(replace(network, arch=arch, shape=shape), panel, horizon), variance)


def never_below_zero(panel: Panel) -> frozenset[Key]:
    """The series whose history is not."""
    if panel.smallest >= 0:
        return frozenset(panel.keys)
    return frozenset(key for s, key in enumerate(panel.keys) if not (panel.history(s) < 0).any())


def dependence_text(found: Dependence, trained: bool, totals: bool) -> str:
    """Where it comes from, for the user."""
    whence = "validation" if trained else "the past of these series"
    if not found.windows:
        over = "as their intervals widen, for no errors of the past are known"
    else:
        over = f"as in {plural(found.windows, 'window')} of {whence}"
    text = f"errors move together over the steps {over}"
    if not totals:
        return text
    between = f"from {plural(found.origins, 'origin')} of {whence}" if found.origins else "the usual one"
    return f"{text}; between series they correlate by {found.across:.2f}, {between}"


def chance_maker(result: ForecastResult) -> PathMaker | None:
    """For `paths.chance_of_crossing`; None for a model of the median alone."""
    if len(result.model.network.arch.quantiles) < 2:
        return None
    return path_maker(result, OF_CHANCES, mirrored=True)


def block_of(samples: int, horizon: int, usual: int) -> int:
    """Series that are drawn at once, so that memory does not grow with the samples."""
    return int(np.clip(_MOST_ROWS // (samples * horizon), 1, usual))


_MOST_ROWS = 2**18
