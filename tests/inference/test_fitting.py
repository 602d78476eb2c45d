"""Batches that fit: a full GPU costs time, and at most the one Window that is too large alone."""

from __future__ import annotations

import logging
from collections.abc import Sequence

import pytest
import torch

from tutor_emotion.inference.fitting import TRY_MORE_AFTER, Fitting


class Gpu:
    """Takes ``fits`` items at once; more, and torch's own exception is what comes."""

    def __init__(self, fits: int) -> None:
        self.fits = fits
        self.batches: list[int] = []

    def run(self, items: Sequence[int]) -> list[list[int]]:
        self.batches.append(len(items))
        if len(items) > self.fits:
            raise torch.OutOfMemoryError("CUDA out of memory. Tried to allocate 20.00 MiB.")
        return [[item] for item in items]


# --- it works -------------------------------------------------------------------------------------


def test_what_fits_is_one_batch() -> None:
    gpu = Gpu(8)
    assert Fitting(8).run(gpu.run, range(5), []) == [[n] for n in range(5)]
    assert gpu.batches == [5]


def test_what_does_not_fit_is_run_in_smaller_ones_and_nobody_is_left_out() -> None:
    gpu = Gpu(3)
    assert Fitting(8).run(gpu.run, range(8), []) == [[n] for n in range(8)]
    assert gpu.batches == [8, 4, 2, 2, 2, 2]


def test_what_was_learned_is_kept_for_the_next_batch() -> None:
    gpu, fitting = Gpu(3), Fitting(8)
    fitting.run(gpu.run, range(8), [])
    gpu.batches.clear()
    fitting.run(gpu.run, range(4), [])
    assert gpu.batches == [2, 2]


# --- its edges ------------------------------------------------------------------------------------


def test_memory_that_came_back_is_used_again() -> None:
    gpu, fitting = Gpu(3), Fitting(8)
    fitting.run(gpu.run, range(8), [])
    gpu.fits = 8
    for _ in range(2 * TRY_MORE_AFTER):
        fitting.run(gpu.run, range(2), [])
    gpu.batches.clear()
    fitting.run(gpu.run, range(8), [])
    assert gpu.batches == [8]


def test_who_is_too_large_alone_costs_nobody_else_anything(
    caplog: pytest.LogCaptureFixture,
) -> None:
    def run(items: Sequence[int]) -> list[list[int]]:
        if 2 in items:
            raise torch.OutOfMemoryError("CUDA out of memory.")
        return [[item] for item in items]

    with caplog.at_level(logging.WARNING):
        assert Fitting(8).run(run, range(4), []) == [[0], [1], [], [3]]
    assert "is left out" in caplog.text


def test_a_processor_s_memory_counts_too() -> None:
    def run(items: Sequence[int]) -> list[int]:
        if len(items) > 1:
            raise MemoryError
        return list(items)

    assert Fitting(4).run(run, [1, 2, 3], 0) == [1, 2, 3]


# --- what it refuses ------------------------------------------------------------------------------


def test_another_fault_is_not_tried_again() -> None:
    calls = []

    def run(items: Sequence[int]) -> list[int]:
        calls.append(len(items))
        raise RuntimeError("shapes do not match")

    with pytest.raises(RuntimeError, match="shapes"):
        Fitting(4).run(run, range(4), 0)
    assert calls == [4]
