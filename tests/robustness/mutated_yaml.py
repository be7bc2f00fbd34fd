"""Valid files of settings, changed at random: each gives settings or an error with its place.

    python tests/robustness/mutated_yaml.py --count 10000

Changes characters, lines, values and structure, and puts in what YAML has beyond settings: tags,
anchors, merge keys, documents, depth. Tells how many ended how, how long it took and the most
memory; ends with 1 where one did not end well.
"""

import random
import re
import tempfile
import warnings
from pathlib import Path

from fuzzing import arguments, count_outcomes, no_longer_than
from mutated_models import SECONDS

from lstmcli.errors import InputMissing, SettingsError
from lstmcli.settings.load import load_settings
from lstmcli.settings.model import Settings

PLACE = re.compile(r"(.*settings\.yaml(:\d+)?|--set .*|LSTMCLI_\w+): ", re.DOTALL)
VALUES = [
    "auto", "1", "0", "-1", "24", "1e3", "1e-3", ".nan", ".inf", "-.inf", "9" * 30, "9" * 5000, "1e9999",
    "0x10", "010", "1:30", "yes", "true", "~", "null", "", "''", '""', '"\\u0000"', '"\\uD800"', "'a'",
    "x" * 3000, "lstm", "[]", "{}", "[1, 2]", "[0.1, 0.5, 0.9]", "[0.5, nan]", "[[a]]", "{a: b}",
    "{a: 1, a: 2}", "[" * 50, "{a: " * 2000, "&a 1", "*a", "!!int 3",
    "!!python/object/apply:os.system [ls]", "!x", "2024-01-01", "|\n  text", ">-\n  text", "@", "`", "%",
    "- 1", "? a", ": :", "#", "a: b", "1h=mean", "DE", "latin-1", "Europe/Berlin", "é", "\ufeff",
]  # fmt: skip
LINES = [
    "<<: {cell: gru}", "<<: *a", "---", "...", "%YAML 1.1", "? [a]\n: 1", "? {a: b}\n: 1", "- 1",
    "\tcell: gru", "  cell: gru", "cell", ": 1", "1: 2", "~: 1", "true: 1",
    "a: &a [x, x]\nb: &b [*a, *a]\nc: [*b, *b, *b]", "[" * 3000, "- " * 3000, "? " * 3000, "{" * 3000,
    "'", '"', "a: 'b", "!!map {}", "\0", "\x85", "\u2028", "\x1b[2J",
]  # fmt: skip


def start(rng):
    """Lines of settings that could be meant."""
    keys = rng.sample(sorted(Settings.model_fields), rng.randint(1, 8))
    return [f"{key}: {value_of(rng, key)}" for key in keys]


def value_of(rng, key):
    default = Settings.model_fields[key].default
    if isinstance(default, tuple):
        return str(list(default)).replace("'", "")
    return rng.choice(VALUES) if rng.random() < 0.2 else str(default).lower() or "''"


def mutated(seed):
    """The bytes of a changed file, the same for the same seed."""
    rng = random.Random(seed)
    lines = start(rng)
    for _ in range(rng.choice([0, 1, 1, 2, 4])):
        at = rng.randrange(len(lines) + 1)
        key = rng.choice([*Settings.model_fields, "horizn", "", "a b", "'quoted'", "x" * 2000])
        match rng.randrange(5):
            case 0:
                lines.insert(at, rng.choice(LINES))
            case 1 if at < len(lines):
                lines.insert(at, lines[at])
            case 2 if at < len(lines):
                lines[at] = " " * rng.randint(1, 3) + lines[at]
            case _:
                lines.insert(at, f"{key}: {rng.choice(VALUES)}")
    raw = "\n".join([*lines, ""]).encode("utf-8", "surrogatepass")
    for _ in range(rng.choice([0, 0, 1, 2])):
        at = rng.randrange(len(raw) + 1)
        raw = rng.choice(
            [
                raw[:at],
                raw[:at] + bytes([rng.randrange(256)]) + raw[at + 1 :],
                raw[:at] + rng.randbytes(rng.randint(1, 4)) + raw[at:],
                raw[:at] + rng.choice(b"\t\n\r :-[]{},&*!|>'\"%@`#?\0").to_bytes(1, "big") + raw[at:],
                raw.replace(b"\n", rng.choice([b"\r", b"\r\n", b"\n\n", b"\n  "])),
                raw.decode(errors="replace").encode(
                    rng.choice(["utf-16", "utf-16-le", "utf-32", "utf-8-sig"])
                ),
                raw * rng.choice([2, 100]),
                raw[at:] + raw[:at],
            ]
        )
    return raw


def outcome(path, rng):
    """How reading ends, of the file or now and then of one of its lines as --set."""
    try:
        if rng.random() < 0.2:
            line = path.read_bytes().decode(errors="replace").partition("\n")[0]
            load_settings(None, {}, (line.replace(":", "=", 1),))
        else:
            load_settings(path, {})
    except InputMissing:
        raise AssertionError("the file is there") from None
    except SettingsError as error:
        said = str(error)
        assert said and len(said) < 100_000
        assert PLACE.match(said), said[:300]
        said.encode(errors="backslashreplace")
        return "refused"
    return "accepted"


def tried(seed, path):
    """The outcome for one seed, without a warning and in time."""
    path.write_bytes(mutated(seed))
    with no_longer_than(SECONDS), warnings.catch_warnings():
        warnings.simplefilter("error")
        return outcome(path, random.Random(seed))


def main():
    with tempfile.TemporaryDirectory() as name:
        count_outcomes(lambda seed: tried(seed, Path(name) / "settings.yaml"), arguments(__doc__))


if __name__ == "__main__":
    main()
