"""Several transfers at a time: all are done, one that fails ends no other, and all stop when the reader goes."""

from __future__ import annotations

import threading
from contextlib import closing

import pytest

from rs_client.errors import Interrupted
from rs_client.parallel import in_parallel


def test_every_task_ends_with_its_result_or_its_exception():
    def work(task, _stop):
        if task % 3 == 0:
            raise ValueError(task)
        return task * 10

    ended = dict(in_parallel(work, range(10), 4))
    assert {task: future.result() for task, future in ended.items() if task % 3} == {
        1: 10, 2: 20, 4: 40, 5: 50, 7: 70, 8: 80,
    }  # fmt: skip
    for task in (0, 3, 6, 9):
        with pytest.raises(ValueError, match=str(task)):
            ended[task].result()


def test_no_more_than_so_many_run_at_a_time():
    together = threading.Barrier(3, timeout=120)
    running, most, lock = 0, 0, threading.Lock()

    def work(_task, _stop):
        nonlocal running, most
        with lock:
            running += 1
            most = max(most, running)
        together.wait()
        with lock:
            running -= 1

    assert len(list(in_parallel(work, range(9), 3))) == 9
    assert most == 3


def test_those_under_way_stop_and_no_other_begins():
    begun, stopped = [], []
    both_wait, go = threading.Barrier(3, timeout=120), threading.Event()

    def work(task, stop):
        begun.append(task)
        if task == 0:
            return
        both_wait.wait()
        go.wait(120)
        try:
            stop.check()
        except Interrupted:
            stopped.append(task)
            raise
        finally:
            both_wait.wait()

    with closing(in_parallel(work, range(10), 2)) as ended:
        next(ended)
        both_wait.wait()
    go.set()
    both_wait.wait()
    assert sorted(stopped) == [1, 2]
    assert sorted(begun) == [0, 1, 2]


def test_nothing_to_do_is_done():
    assert list(in_parallel(lambda task, _: task, [], 4)) == []
