"""Files in, rows of forecasts out: the tasks, in order and only a few of them at a time."""

import os
from collections import deque
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import replace
from typing import Any

from distributed import Client, Future

from lstmcli.errors import InputMissing
from lstmcli.jobs.many_files.blocks import BlockRows, block_rows
from lstmcli.jobs.many_files.cluster import result_of, send_value, submit_work, threads
from lstmcli.jobs.many_files.order import BlockOrder, Notes, SeriesRange
from lstmcli.jobs.many_files.reading import FileFacts, FileJob, file_facts, read_part

_AHEAD = 4  # tasks of a kind for each thread that are under way or wait for their turn


def rows_of_files(client: Client, job: FileJob, names: Sequence[str], notes: Notes) -> Iterator[BlockRows]:
    """The forecasts of all series, in the order that one table of all files has.

    Each file is read by one task, 256 series are forecast by another one where they lie. notes: is told
    of every file. Raises what is wrong with the first file that cannot be used, UsageError where the
    files cannot be forecast one by one, and Unavailable.
    """
    asked, parts = send_value(client, job), dict[int, "Future[Any]"]()
    ahead = _AHEAD * threads(client)

    def reading() -> "Iterator[Future[Any]]":
        for number, name in enumerate(names):
            parts[number] = submit_work(client, read_part, asked, os.path.abspath(name), name)
            yield submit_work(client, file_facts, parts[number])

    def forecast_of(block: Sequence[SeriesRange]) -> "Future[Any]":
        used = list(dict.fromkeys(stretch.file for stretch in block))
        stretches = [replace(stretch, file=used.index(stretch.file)) for stretch in block]
        task = submit_work(client, block_rows, asked, order.pattern, stretches, [parts[n] for n in used])
        for number in order.used_up(block):
            del parts[number]  # its panel is dropped when this task has read it
        return task

    def forecasting() -> "Iterator[Future[Any]]":
        for told in results_in_order(reading(), ahead):
            order.add(check_seen_by_workers(told))
            notes.add(told)
            yield from map(forecast_of, order.full())
        yield from map(forecast_of, order.rest())

    order = BlockOrder(len(job.roles.targets))
    yield from results_in_order(forecasting(), ahead)


def check_seen_by_workers(told: FileFacts) -> FileFacts:
    """What is told of a file, or that it is here and not where the worker looked."""
    if not isinstance(told.error, InputMissing) or not os.path.exists(told.name):
        return told
    said = (
        f"{told.error} (on a worker; it is here: workers need all files under the path that they have here)"
    )
    return replace(told, error=InputMissing(said))


def results_in_order(tasks: "Iterable[Future[Any]]", ahead: int) -> Iterator[Any]:
    """The results of tasks in their order; so many are begun before the first is waited for."""
    waiting = deque["Future[Any]"]()
    for task in tasks:
        waiting.append(task)
        if len(waiting) > ahead:
            yield result_of(waiting.popleft())
    while waiting:
        yield result_of(waiting.popleft())
