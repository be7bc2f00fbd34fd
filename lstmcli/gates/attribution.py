"""Which values of the context the forecast depends on: gradient times input, time by feature."""

from dataclasses import dataclass

import numpy as np

from lstmcli.gates.replay import Replay
from lstmcli.series.arrays import Array


@dataclass(frozen=True)
class Attribution:
    """Mean over the windows of |dL/dx * x| for every observation and feature of the context.

    features    names of the columns: value, missing (the flag), then the covariates; of the built-in
                network value, its changes since a season and a step before, observed (the flag)
    importance  (context, features) in order of time, in scaled units of L, the sum of the median
                forecast. A value counts from the location of its window, a covariate from its mean
    """

    features: tuple[str, ...]
    importance: Array

    @property
    def by_feature(self) -> Array:
        """(features,) shares that add up to 1."""
        total = self.importance.sum()
        return self.importance.sum(axis=0) / (total if total > 0 else 1.0)

    def by_group(self) -> dict[str, float]:
        """Shares by feature, largest first; the calendar's waves are taken together."""
        shares: dict[str, float] = {}
        for name, share in zip(self.features, self.by_feature, strict=True):
            group = "calendar" if name.startswith("calendar ") else name
            shares[group] = shares.get(group, 0.0) + float(share)
        return dict(sorted(shares.items(), key=lambda pair: -pair[1]))

    def by_lag(self, steps: int) -> Array:
        """(steps,) shares of the recurrent steps, the last step first; they add up to 1."""
        total = self.importance.sum()
        by_step = self.importance.reshape(steps, -1).sum(axis=1)[::-1]
        return np.asarray(by_step / (total if total > 0 else 1.0))


def attribution(replay: Replay, to_inputs: Array, known: tuple[str, ...]) -> Attribution:
    """Over all windows; to_inputs: dL/d(inputs); known: names of the covariate columns in the order of the
    model."""
    importance = np.abs(replay.attributed(to_inputs)).mean(axis=0)
    return Attribution(replay.names(known), importance)
