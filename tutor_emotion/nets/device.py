"""Which torch device, and how many threads."""

from __future__ import annotations

import os

import torch

from tutor_emotion.errors import BadInput, Unavailable

MAX_THREADS = 4  # nets this small gain nothing from more


def cpu_threads() -> int:
    """Half of the cores, which the web process and the database need as well.

    OpenMP's threads wait for each other by spinning. With as many as there are cores, and one core
    taken by somebody else, 20 faces took up to 14 s instead of 0.6 s (2 cores, 2 busy processes).
    """
    return max(1, min(MAX_THREADS, len(os.sched_getaffinity(0)) // 2))


def choose_device(name: str) -> torch.device:
    """``auto`` (CUDA if there is one), ``cpu``, ``cuda``, ``cuda:1`` … → the device, prepared.

    Raises:
        BadInput: ``bad_device``, for a name that torch does not know.
        Unavailable: ``no_device``, for a GPU that is not there.
    """
    if name == "auto":
        name = "cuda" if torch.cuda.is_available() else "cpu"
    try:
        device = torch.device(name)
    except RuntimeError:
        raise BadInput("bad_device", f"There is no torch device {name!r}.") from None
    if device.type == "cuda":
        _require_gpu(device)
        # TF32 keeps 10 bits of a weight: too few for results that agree with the CPU's to 1e-3.
        torch.backends.cudnn.allow_tf32 = False
        torch.backends.cuda.matmul.allow_tf32 = False
    elif device.type == "cpu":
        if "OMP_NUM_THREADS" not in os.environ:
            torch.set_num_threads(cpu_threads())
    else:
        raise BadInput("bad_device", f"The nets run on cpu and cuda, not on {name!r}.")
    return device


def _require_gpu(device: torch.device) -> None:
    if not torch.cuda.is_available() or (device.index or 0) >= torch.cuda.device_count():
        raise Unavailable(
            "no_device",
            f"This process sees no GPU {device}.",
            hint="Set TUTOR_EMOTION['DEVICE'] to cpu or auto.",
            retry=False,
        )
