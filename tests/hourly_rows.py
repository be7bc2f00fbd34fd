"""Lines of hourly files and streams with a season of a day."""

from datetime import datetime, timedelta

import numpy as np

START = datetime(2024, 3, 4)


def values(count, seed=5):
    t = np.arange(count)
    return 50 + 10 * np.sin(2 * np.pi * t / 24) + np.random.default_rng(seed).normal(0, 0.5, count)


def stamp(hour):
    return f"{START + timedelta(hours=hour):%Y-%m-%d %H:%M}"


def rows_of(series, first=0, key="", skip=()):
    """first: hour of the first value; skip: hours that are left out."""
    return [f"{key}{stamp(first + k)},{value:.2f}" for k, value in enumerate(series) if first + k not in skip]


def write(path, lines, header="time,load"):
    path.write_text("\n".join([header, *lines, ""]))
