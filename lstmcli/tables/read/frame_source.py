"""A DataFrame in the place of the name of a file: all that reads files reads it too."""

from collections.abc import Sequence
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import pandas as pd

FRAME_NAME = "DataFrame"  # what it is called in messages


class FrameSource(str):
    """The name `DataFrame`, with the frame behind it. frame: columns as of `frames.with_columns`."""

    frame: "pd.DataFrame"

    def __new__(cls, frame: "pd.DataFrame") -> "FrameSource":
        made = super().__new__(cls, FRAME_NAME)
        made.frame = frame
        return made


def frame_in(sources: str | Sequence[str]) -> "pd.DataFrame | None":
    """The frame, where the sources are one and no files."""
    first = sources if isinstance(sources, str) else sources[0] if sources else ""
    return first.frame if isinstance(first, FrameSource) else None
