"""What ends the program from outside: INT, TERM and HUP.

The first one unwinds the program, so that what is half-written is cleaned up; a second one ends it
at once. What the parent made us ignore (nohup, a job in the background of a script) stays ignored.
"""

import signal
from types import FrameType

INTERRUPTED, TERMINATED = 130, 143
_ENDING = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)


def listen() -> None:
    """INT raises KeyboardInterrupt; TERM and HUP raise SystemExit with the code 143."""
    for number in _ENDING:
        if signal.getsignal(number) is not signal.SIG_IGN:
            signal.signal(number, _end)


def stop_listening() -> None:
    """From here on a signal ends the program at once, and says nothing."""
    for number in _ENDING:
        if signal.getsignal(number) is not signal.SIG_IGN:
            signal.signal(number, signal.SIG_DFL)


def _end(number: int, _: FrameType | None) -> None:
    stop_listening()
    if number == signal.SIGINT:
        raise KeyboardInterrupt
    raise SystemExit(TERMINATED)
