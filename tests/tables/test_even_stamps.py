"""Stamps that are numbers of full width alone, which are read all at once from their signs."""

from datetime import datetime

import numpy as np
import pandas as pd
import pytest

from lstmcli.tables.read.fields import of_same_width
from lstmcli.tables.read.patterns import read_stamps


@pytest.mark.parametrize("dtype", ["str", object])
def test_stamps_of_one_width_are_read_as_the_calendar_has_them(dtype):
    random = np.random.default_rng(0)
    fields = random.integers((1900, 0, 0, 0, 0, 0), (2100, 14, 33, 24, 62, 62), (500, 6))
    texts = ["{}-{:02}-{:02} {:02}:{:02}:{:02}".format(*row) for row in fields]
    read = read_stamps(pd.Series(texts, dtype=dtype)[1:], "%Y-%m-%d %H:%M:%S")
    known = []
    for row in fields[1:].tolist():
        try:
            known.append(np.datetime64(datetime(*row), "us"))
        except ValueError:
            known.append(np.datetime64("NaT", "us"))
    assert 100 < np.isnat(known).sum() < 400
    np.testing.assert_array_equal(read.times, np.array(known))
    assert not read.words


@pytest.mark.parametrize(
    "texts",
    [
        ("2024-01-01", "2024-1-011"),
        ("2024-01-012", "024-01-03"),
        ("2024-01-01\n2024-01-02", ""),
        ("2024-01-01", "2024-01-0ö"),
        ("2024-01-01", "2024/01/02"),
        ("2024-01-01", "2024-01- 2"),
        ("2024-01-01", "٢٠٢٤-01-02"),
    ],
)
def test_stamps_that_are_not_all_numbers_of_full_width_are_read_one_by_one(texts):
    assert of_same_width(texts, "%Y-%m-%d") is None
    read = read_stamps(pd.Series([*texts], dtype="str"), "%Y-%m-%d").times
    assert np.isnat(read).tolist() == [
        text not in ("2024-01-01", "2024-01- 2", "٢٠٢٤-01-02") for text in texts
    ]


def test_signs_between_numbers_may_be_of_any_script():
    assert str(of_same_width(["2024년01월02일"], "%Y년%m월%d일").times[0])[:10] == "2024-01-02"
    assert of_same_width(["2024-01-02-"], "%Y년%m월%d일") is None


@pytest.mark.parametrize("dtype", ["str", object])
@pytest.mark.parametrize(
    ("pattern", "behind", "micros"),
    [
        ("%Y-%m-%dT%H:%M:%SZ", "Z", 0),
        ("%Y-%m-%dT%H:%M:%S%z", "Z", 0),
        ("%Y-%m-%d %H:%M:%S.%3f", ".012", 12_000),
        ("%Y-%m-%d %H:%M:%S.%f", ".000012", 12),
        ("%Y-%m-%d %H:%M:%S.%9f%z", ".123456789Z", 123_456),
    ],
)
def test_fractions_and_the_sign_of_utc_may_stand_behind(dtype, pattern, behind, micros):
    gap = pattern[8]
    texts = [f"20{k:02}-02-{k:02}{gap}{k:02}:{k:02}:{k:02}{behind}" for k in range(1, 31)]
    read = read_stamps(pd.Series(texts, dtype=dtype), pattern)
    assert read.times[:23].tolist() == [datetime(2000 + k, 2, k, k, k, k, micros) for k in range(1, 24)]
    assert np.isnat(read.times[23:]).all()  # no hour
    assert (read.offsets is None) == ("%z" not in pattern)
    if read.offsets is not None:
        assert not read.offsets.any()
