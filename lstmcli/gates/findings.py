"""What stands out, in plain sentences: each with a number and something to do about it."""

from dataclasses import dataclass


@dataclass(frozen=True)
class Finding:
    """id: stable, for scripts; text: what was found; action: what to try."""

    id: str
    text: str
    action: str
