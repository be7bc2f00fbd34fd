"""Running something for many seeds: in time, in bounded memory, every outcome counted."""

import argparse
import contextlib
import resource
import signal
import sys
import time
import traceback
from collections import Counter
from pathlib import Path

GIGABYTE = 2**30


def arguments(told):
    """The seeds that the command line asks for; told: the docstring of the script."""
    asked = argparse.ArgumentParser(description=told, formatter_class=argparse.RawDescriptionHelpFormatter)
    asked.add_argument("--count", type=int, default=10_000)
    asked.add_argument("--first", type=int, default=0, help="seed of the first file")
    return asked.parse_args()


@contextlib.contextmanager
def no_longer_than(seconds):
    """Of processor time, as the machine may be busy; ten times as long by the clock, for what waits."""

    def stop(*_):
        raise TimeoutError

    old = {sign: signal.signal(sign, stop) for sign in (signal.SIGPROF, signal.SIGALRM)}
    signal.setitimer(signal.ITIMER_PROF, seconds)
    signal.alarm(10 * seconds)
    try:
        yield
    finally:
        signal.setitimer(signal.ITIMER_PROF, 0)
        signal.alarm(0)
        for sign, handler in old.items():
            signal.signal(sign, handler)


def limit_memory(more):
    """At most so many bytes more than now."""
    pages = int(Path("/proc/self/statm").read_text().split()[0])
    resource.setrlimit(resource.RLIMIT_AS, (pages * resource.getpagesize() + more,) * 2)


def check_refusal(error, errors="strict"):
    """Whether a table is refused as it should be: a documented code, and one line that can be printed."""
    assert error.exit_code in (65, 66), error
    assert "\n" not in str(error), error
    str(error).encode(errors=errors)


def count_outcomes(tried, given):
    """Prints how often `tried(seed)` ended how, and ends with 1 where it raised."""
    counts, began = Counter(), time.perf_counter()
    limit_memory(GIGABYTE)
    for seed in range(given.first, given.first + given.count):
        try:
            counts[tried(seed)] += 1
        except BaseException as error:
            if isinstance(error, KeyboardInterrupt):
                raise
            counts[f"FAILED: {type(error).__name__}"] += 1
            print(f"seed {seed}:", "".join(traceback.format_exception(error)[-4:]), flush=True)
        if (seed + 1) % 5000 == 0:
            print(f"{seed + 1}: {dict(counts)}", file=sys.stderr, flush=True)
    for how, count in counts.most_common():
        print(f"{count:9,}  {how}")
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    print(f"{given.count:9,}  in {time.perf_counter() - began:.0f} s, {peak:.0f} MB of memory at most")
    sys.exit(any(how.startswith("FAILED") for how in counts))
