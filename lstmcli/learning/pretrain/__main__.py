"""Makes the built-in network: python -m lstmcli.learning.pretrain --minutes 150 --state run.pt

Starts from the weights that the program has, or with --anew from random ones, and trains on made-up series.
The new weights replace the old ones only where their loss on made-up series kept apart for this is smaller.
"""

import argparse
import sys
from pathlib import Path

from lstmcli.learning.pretrain.comparison import comparison_loss
from lstmcli.learning.pretrain.schedule import PretrainOptions, pretrain
from lstmcli.learning.pretrain.twin import write_builtin
from lstmcli.network.builtin import read_builtin
from lstmcli.network.builtin_file import BUILTIN_FILE


def _say(text: str) -> None:
    print(text, file=sys.stderr, flush=True)


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser("python -m lstmcli.learning.pretrain", description=__doc__)
    parser.add_argument("--minutes", type=float, help="length of the schedule by the clock")
    parser.add_argument("--steps", type=int, default=20_000, help="length in steps, without --minutes")
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--device", default="cpu", help="cpu or cuda")
    parser.add_argument("--rate", type=float, default=1e-3, help="largest learning rate")
    parser.add_argument("--state", type=Path, help="where an unfinished run is kept, and taken up again")
    parser.add_argument("--anew", action="store_true", help="start from random weights")
    parser.add_argument("-o", "--output", type=Path, default=BUILTIN_FILE, help="file of the weights")
    return parser.parse_args()


def main() -> None:
    asked = _arguments()
    old = read_builtin(asked.output) if asked.output.exists() and not asked.anew else None
    options = PretrainOptions(
        asked.steps, asked.minutes, asked.seed, 64, asked.rate, device=asked.device, start=old
    )
    new = pretrain(options, asked.state, _say)
    kept = read_builtin(asked.output) if asked.output.exists() else None
    before = comparison_loss(kept) if kept is not None else float("inf")
    after = comparison_loss(new)
    _say(f"loss on made-up series that were kept apart: {after:.4f}, before {before:.4f}")
    if after < before:
        write_builtin(asked.output, new)
        _say(f"written: {asked.output}")


if __name__ == "__main__":
    main()
