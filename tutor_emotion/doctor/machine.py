"""This machine: model files, GPU, disk, open files, and what writes memory down."""

from __future__ import annotations

import json
import resource
import shutil
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

from django.conf import settings

from tutor_emotion.conf import OMNI, get_settings
from tutor_emotion.doctor.diagnosis import Diagnosis, fail, ok, warn, worst
from tutor_emotion.errors import TutorEmotionError
from tutor_emotion.nets import registry
from tutor_emotion.nets.weights import needed, weights_path

GIB = 2**30
LEAST_FREE, LITTLE_FREE = GIB // 5, 2 * GIB
FILES_A_LEARNER = 8  # a websocket, UDP sockets, the selector's, the database's share
FILES_BESIDES = 300
GPU_S = 55.0  # torch loads in 2 s, and in half a minute where ten others want the processor
SWAPS, CORE_PATTERN = Path("/proc/swaps"), Path("/proc/sys/kernel/core_pattern")
# In a process of its own: whoever asks CUDA keeps hundreds of megabytes of the GPU.
_ASK_TORCH = """
import json, torch
gpus = [(torch.cuda.get_device_name(n), *torch.cuda.mem_get_info(n))
        for n in range(torch.cuda.device_count())] if torch.cuda.is_available() else []
print(json.dumps({"torch": torch.__version__, "built": torch.version.cuda, "gpus": gpus}))
"""


def weights() -> Diagnosis:
    """What the Runner reads is there and is what the manifest says."""
    here = get_settings()
    if here.RUNNER == "scripted":
        return warn("The Runner is scripted: it reads nobody's face.", "Set RUNNER to compact.")
    if here.RUNNER in OMNI and here.SHADOW_RUNNER != "compact":
        return ok(f"{here.RUNNER} verifies its own when a worker starts.")
    try:
        for entry in needed():
            weights_path(here.WEIGHTS_DIR, entry.file)
        models = registry.active(here.WEIGHTS_DIR)
    except TutorEmotionError as error:
        return fail(error.message, error.hint or "Run manage.py models verify.")
    names = ", ".join(sorted(model.name for model in models.values()))
    return ok(f"{len(needed())} files have the right sha256; {names} in use.")


def gpu() -> Diagnosis:
    """What torch sees, and how much memory is free there."""
    device = get_settings().DEVICE
    wanted = device.startswith("cuda")
    try:
        done = subprocess.run(  # noqa: S603 our own program
            [sys.executable, "-c", _ASK_TORCH], capture_output=True, text=True, timeout=GPU_S
        )
        found = json.loads(done.stdout) if done.returncode == 0 else None
    except subprocess.TimeoutExpired:
        said, hint = f"torch did not load within {GPU_S:g} s.", "Look at the load and the driver."
        return fail(said, hint) if wanted else warn(said, hint)
    if found is None:
        said, hint = "torch cannot be loaded here.", "A worker needs it; a web process does not."
        return fail(said, hint) if wanted else warn(said, hint)
    if not found["gpus"]:
        said = f"torch {found['torch']} sees no GPU"
        hint = "Install the driver and torch for CUDA, or set DEVICE to auto."
        return (
            fail(f"{said}, and DEVICE is {device}.", hint)
            if wanted
            else ok(f"{said}: DEVICE {device} runs on the processor.")
        )
    number = int(device.partition(":")[2] or 0) if wanted else 0
    if number >= len(found["gpus"]):
        return fail(f"DEVICE is {device}, and there are {len(found['gpus'])}.", "Count from 0.")
    name, free, whole = found["gpus"][number]
    said = f"{name}, {free / GIB:.1f} of {whole / GIB:.1f} GiB free."
    return ok(said) if free > GIB else warn(said, "The nets need 1 GiB: end what else runs there.")


def disk() -> Diagnosis:
    """Room where the database, the logs and temporary files are."""
    found = []
    for folder in dict.fromkeys(_folders()):
        free = shutil.disk_usage(folder).free
        if free < LITTLE_FREE:
            hint = "Delete, or give it more: a database on a full disk refuses every answer."
            said = f"{folder} has {free / GIB:.1f} GiB left."
            found.append(fail(said, hint) if free < LEAST_FREE else warn(said, hint))
    least = min(shutil.disk_usage(folder).free for folder in _folders())
    return worst(found, f"At least {least / GIB:.0f} GiB are free.")


def _folders() -> Iterator[Path]:
    yield Path("/tmp")  # noqa: S108 it is only looked at
    for entry in settings.DATABASES.values():
        if entry["ENGINE"].endswith("sqlite3"):
            yield Path(entry["NAME"]).parent
    if settings.STATIC_ROOT and Path(settings.STATIC_ROOT).is_dir():
        yield Path(settings.STATIC_ROOT)


def open_files() -> Diagnosis:
    """As many as our learners need."""
    soft, _hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    wanted = FILES_A_LEARNER * get_settings().MAX_SESSIONS + FILES_BESIDES
    if soft != resource.RLIM_INFINITY and soft < wanted:
        hint = f"Start web processes with ulimit -n {wanted} or more (LimitNOFILE in systemd)."
        return warn(f"{soft} files may be open; MAX_SESSIONS needs {wanted}.", hint)
    limit = "no limit" if soft == resource.RLIM_INFINITY else soft
    return ok(f"{limit} may be open, {wanted} are needed at most.")


def memory_at_rest() -> Diagnosis:
    """Nothing of the system writes memory with faces in it to a disk."""
    found = []
    if len(_lines(SWAPS)) > 1:
        hint = "Switch it off (swapoff -a), or encrypt it."
        found.append(warn("This machine swaps: memory with faces may reach a disk.", hint))
    if _lines(CORE_PATTERN)[:1] and _lines(CORE_PATTERN)[0].startswith("|"):
        hint = "Set kernel.core_pattern to a file name, or systemd-coredump to Storage=none."
        found.append(warn("Core dumps go to a program, which does not ask us.", hint))
    return worst(found, "No swap, and no program that receives core dumps.")


def _lines(path: Path) -> list[str]:
    try:
        return path.read_text().splitlines()
    except OSError:
        return []
