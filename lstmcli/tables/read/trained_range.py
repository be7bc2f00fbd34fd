"""Whether a point that was taken for decimals marks thousands, by the values that a model was trained on."""

import numpy as np

from lstmcli.errors import DataError
from lstmcli.model_file import Contract
from lstmcli.series.panel import Panel
from lstmcli.settings.reading import ReadOptions

_FAR = 10.0  # times below the smallest value of training


def check_trained_range(panel: Panel, contract: Contract, options: ReadOptions, source: str) -> None:
    """Raises DataError where all fractions may be thousands, as 1.182, and only then lie in the range of
    training. Needs no pandas."""
    low, high = contract.smallest, contract.largest
    if options.decimal != "auto" or options.thousands != "auto" or low <= 0:
        return
    size = np.abs(panel.values[np.isfinite(panel.values)])
    size = size[size != np.floor(size)]
    if not len(size) or size.max() >= low / _FAR or size.min() <= 1:
        return
    thousandths = np.round(size * 1000)
    exact = np.abs(size * 1000 - thousandths) < 1e-6 * thousandths
    three_digits = thousandths % 10 != 0  # and not 1.5, which may be written so
    if not exact.all() or three_digits.mean() <= 0.5 or thousandths.max() > high * _FAR:
        return
    said = (
        f"values such as {size[three_digits][0]:g} may have a point for decimals or for thousands, and are "
        f"far below those of training, {low:g} to {high:g}; say which: "
        "--set decimal=. --set thousands=, or --set decimal=, --set thousands=."
    )
    raise DataError("not-a-number", said, path=source, column=contract.roles.targets[0])
