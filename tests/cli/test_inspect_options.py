"""Every pair of options of `inspect-gates`: it is used, or refused before anything is read."""

import inspect
from itertools import combinations
from pathlib import Path

import pytest

from lstmcli.cli.commands.inspect_gates import inspect_gates
from lstmcli.errors import InputMissing, UsageError

# A value for each option. None of the files is there: what is not refused ends with a file that is missing.
VALUES = {
    "model": Path("missing.safetensors"),
    "at": "2024-01-01",
    "series": ["a"],
    "form": "json",
    "output": "report.json",
    "out": Path("folder"),
    "trace": "trace.csv",
    "write_separator": ";",
    "write_decimal": ",",
    "plot": "picture.svg",
    "html": "page.html",
    "fail_on": "reach < 24",
    "baseline": Path("missing.json"),
    "windows": 20,
    "member": 1,
    "compare": [Path("other.safetensors")],
    "cells": True,
    "seeds": 1,
    "delays": "5,10",
    "horizon": 3,
    "config": Path("missing.yaml"),
    "target": "y",
    "time": "when",
    "season": "12",
    "context": "24",
    "step": "1h",
    "resample": "1d=mean",
    "on_gap": "error",
    "on_duplicate": "error",
    "no_header": True,
    "assignment": ["separator=;"],
}
OF_MODELS = {"model", "at", "series", "trace", "write_separator", "write_decimal", "fail_on", "baseline"}
OF_SETTINGS = ("horizon", "config", "target", "season")
REFUSED = {
    *(frozenset({"cells", other}) for other in OF_MODELS | {"compare", "windows", "member"}),
    *(frozenset({"compare", other}) for other in OF_MODELS - {"model"}),
    *(frozenset({"compare", other}) for other in ("out", "plot", "html", *OF_SETTINGS)),
    *(frozenset({"model", other}) for other in OF_SETTINGS),
}
NEEDED = {
    "seeds": {"cells"},
    "delays": {"cells"},
    "context": {"cells"},
    "series": {"at", "html"},
    "write_separator": {"trace", "out"},
    "write_decimal": {"trace", "out"},
}


def is_refused(names):
    return frozenset(names) in REFUSED or any(
        name in NEEDED and not NEEDED[name] & set(names) for name in names
    )


def test_every_option_has_a_value_here():
    assert set(VALUES) == set(inspect.signature(inspect_gates).parameters) - {"data"}


@pytest.mark.parametrize("name", VALUES)
def test_every_pair_of_options_is_used_or_refused_before_work(name, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("OPENBLAS_NUM_THREADS", "1")
    for names in [(name,), *(pair for pair in combinations(VALUES, 2) if pair[0] == name)]:
        expected = UsageError if is_refused(names) else InputMissing
        with pytest.raises(expected) as found:
            inspect_gates(["missing.csv"], **{one: VALUES[one] for one in names})
        assert type(found.value) is expected, (names, found.value)
        if expected is UsageError:
            assert "--" in str(found.value)
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize(
    ("options", "says"),
    [
        ({"cells": True, "member": 1}, r"^--member cannot be combined with --cells\.$"),
        ({"compare": [Path("b")], "html": "p.html"}, r"^--html cannot be combined with --compare\.$"),
        ({"delays": "5"}, r"^--delays needs --cells\.$"),
        ({"model": Path("m"), "horizon": 3}, r"^--horizon needs --cells or -m builtin\.$"),
        (
            {"plot": "picture.jpg"},
            r"^--plot picture\.jpg: a picture ends in \.png, \.svg or \.pdf, not",
        ),
        (
            {"cells": True, "plot": "here/.svg"},
            r"^--plot here/\.svg: one picture is drawn; name a file, as here/a\.svg$",
        ),
        ({"cells": True, "plot": "here/"}, "one picture is drawn"),
        ({"plot": "here/.jpg"}, r"a picture ends in \.png, \.svg or \.pdf, not \.jpg"),
        ({"cells": True, "delays": "5,x"}, r"^--delays '5,x': name up to 6 numbers of steps from 2 to 1000"),
        ({"cells": True, "delays": "1"}, "from 2 to 1000"),
        ({"cells": True, "delays": "5,2000"}, "from 2 to 1000"),
        ({"cells": True, "delays": ""}, "from 2 to 1000"),
    ],
)
def test_what_is_refused_says_why(options, says, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    with pytest.raises(UsageError, match=says):
        inspect_gates(["missing.csv"], **options)
