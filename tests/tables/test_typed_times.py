"""Times as they are typed beside data."""

import numpy as np
import pytest

from lstmcli.series.moment import read_moment
from lstmcli.tables.read.typed_times import moment_text


@pytest.mark.parametrize(
    ("text", "pattern", "time"),
    [
        ("2026-11-28", "%Y-%m-%d %H:%M", "2026-11-28"),
        ("28/11/2026", "%d/%m/%Y %H:%M", "2026-11-28"),
        ("11/12/2026", "%d/%m/%Y %H:%M", "2026-12-11"),
        ("11/12/2026", "%m/%d/%Y %I:%M %p", "2026-11-12"),
        ("11/12/2026 3:00 PM", "%m/%d/%Y %I:%M %p", "2026-11-12T15:00"),
        ("28.11.2026", "%H:%M %d.%m.%Y", "2026-11-28"),
        ("20261128", "%Y%m%d%H%M", "2026-11-28"),
        ("202611280730", "%Y%m%d%H%M", "2026-11-28T07:30"),
        ("28 November 2026", "%d %b %Y %H:%M", "2026-11-28"),
        ("2026 Q3", "%Y-%m-%d %H:%M", "2026-07-01"),
        ("2026-Q3", "%Y Q%q", "2026-07-01"),
        ("2026-11", "%d/%m/%Y %H:%M", "2026-11-01"),
        ("2026", "%b %Y", "2026-01-01"),
        ("2026-11-28", "%Y-%m-%dT%H:%M:%SZ", "2026-11-28"),
        ("2026-11-28T02:00+02:00", "%Y-%m-%dT%H:%M:%SZ", "2026-11-28"),
        ("28/11/2026", "%d/%m/%Y %H:%M @Europe/Berlin", "2026-11-27T23:00"),  # UTC
        ("28/07/2026 00:30", "%d/%m/%Y %H:%M @Europe/Berlin", "2026-07-27T22:30"),
        ("2026-07-28", "%d/%m/%Y %H:%M @Europe/Berlin", "2026-07-27T22:00"),
        ("2026-11-28", "epoch-s", "2026-11-28"),
    ],
)
def test_a_day_alone_is_its_start_in_the_form_of_the_data(text, pattern, time):
    read = read_moment(moment_text(text, pattern), pattern.partition(" @")[0], True)
    assert read == np.datetime64(time, "us")


@pytest.mark.parametrize("text", ["31/11/2026", "soon", "28/11", "2026-11-28T02:00+02:00"])
def test_what_is_no_time_of_the_data_is_refused(text):
    with pytest.raises(ValueError, match=r"is not a time|has an offset from UTC"):
        read_moment(moment_text(text, "%d/%m/%Y %H:%M"), "%d/%m/%Y %H:%M", True)
