"""Tables whose names steer a terminal, and the command lines that show them."""

import csv
import io
import math
import random
from datetime import date, timedelta
from pathlib import Path

HOSTILE = {
    "escape": "a\x1b]0;owned\x07\x1b[31mred\x1b[2J",
    "c1": "a\x9b31mred\x9d0;owned\x9c",
    "return": "harmless\rlstmcli: all is well",
    "lines": "a\nlstmcli: all is well\x0b\x85\u2028b",
    "bidi": "a\u202eevil\u2066b\u2069",
    "blank": "a\u200b\ufeffb\xadc\u00a0d",
    "tags": "a\U000e0041\U000e007f",
    "long": "x" * 100_000,
    "words": "many words " * 9_000,
    "markup": "[red]a[/nothing] $\\frac$ {b} %s <i>c</i> &amp; ]]>",
    "glyphs": "\u0e01\U0001f600\ue000\u4e00",
}
_ROWS = 40
QUICK = [part for setting in ("steps=2", "hidden=4", "processes=1") for part in ("--set", setting)]


def table(
    series: str = "", target: str = "y", covariate: str = "", cell: str = "", time: str = "time"
) -> str:
    """A short daily table; each of these is written as given, quoted."""
    made = io.StringIO()
    writer = csv.writer(made, quoting=csv.QUOTE_ALL, lineterminator="\n")
    names = [series] if series else []
    writer.writerow([time, *(["shop"] if series else []), target, *([covariate] if covariate else [])])
    for name in [*names, "plain"] if series else [""]:
        for day in range(_ROWS):
            value = f"{10 + 3 * math.sin(day * 2 * math.pi / 7) + day / 100:.3f}"
            y = cell if cell and day == 20 else value
            more = [str(day % 5)] if covariate else []
            writer.writerow([date(2024, 1, 1) + timedelta(days=day), *([name] if series else []), y, *more])
    return made.getvalue()


def tables(name: str) -> dict[str, str]:
    """Where a hostile name may stand."""
    return {
        "series": table(series=name),
        "target": table(target=name),
        "covariate": table(covariate=name),
        "cell": table(cell=name),
        "time": table(time=name),
    }


def commands(data: str, model: str) -> list[list[str]]:
    """Every command on a file; the first makes the model."""
    return [
        ["check", data],
        ["train", data, "-m", model, "--html", "train.html", *QUICK],
        ["check", data, "-m", model],
        ["predict", data, "-m", model, "--preview", "-o", "out.csv"],
        ["predict", data, "-m", model, "--html", "predict.html", "--plot", "predict.svg", "-o", "out.csv"],
        ["predict", data, "-m", "builtin", "--horizon", "3"],
        ["predict", data, "-m", "builtin", "--fail-on", "forecast > 1", "-o", "out.csv"],
        ["predict", "-m", model, "-o", "out.csv"],
        ["backtest", data, "-m", model, "--folds", "2"],
        ["backtest", data, "-m", model, "--folds", "2", "--html", "backtest.html", "--plot", "backtest.png"],
        ["inspect-gates", data, "-m", model],
        ["inspect-gates", data, "-m", model, "--html", "gates.html", "--plot", "plots/"],
        ["verify", "-m", model],
        ["config", "show", model],
        ["watch", data, "--last", "5", "--fail-on", "alarm", "--html", "watch.html"],
        ["watch", data, "--state", "state"],
        ["export", "-m", model, "model.onnx"],
        ["train", data, "-m", model, "--update", *QUICK],
    ]


def file_name(name: str) -> str:
    """A hostile name as that of a file, which has neither slashes nor more than 255 bytes."""
    return name.replace("/", "_").replace("\0", "_").encode()[:200].decode(errors="ignore") + ".csv"


def command_lines(rng: random.Random, folder: Path) -> list[list[str]]:
    """The commands on one hostile table of each kind of place, and on a table in a file of such a name."""
    made: list[list[str]] = []
    for number, place in enumerate(("series", "target", "covariate", "cell", "time", "file", "column")):
        name = rng.choice(list(HOSTILE.values()))
        path = folder / (file_name(name) if place == "file" else f"{place}.csv")
        text = table() if place in ("file", "column") else tables(name)[place]
        path.write_text(text)
        made += commands(path.name, f"model_{number}.safetensors")
        if place == "column":
            made += [["predict", path.name, "--target", name], ["train", path.name, "--series", name]]
            made += [["verify", name], [name], ["check", path.name, f"--{name}"]]
            made += [["predict", path.name, "--fail-on", name], ["train", path.name, "--set", name]]
    return made
