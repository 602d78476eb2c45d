"""One model as a folder ``<kind>-<version>/``: ``config.json``, ``CARD.md`` and, where it has
numbers, ``model.safetensors``. Reading one trusts nothing in it; no pickle is ever opened.
"""

from __future__ import annotations

import hashlib
import json
import os
import re
import shutil
import tempfile
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal, NoReturn, TypeAlias, get_args

import numpy as np
from numpy.typing import NDArray
from pydantic import BaseModel, ConfigDict, Field, ValidationError, model_validator

from tutor_emotion.errors import BadInput, Unavailable

Kind: TypeAlias = Literal["expression", "voice", "states"]
KINDS: tuple[Kind, ...] = get_args(Kind)
Tensors: TypeAlias = dict[str, NDArray[Any]]

WEIGHTS, CONFIG, CARD = "model.safetensors", "config.json", "CARD.md"
MAX_BYTES = {WEIGHTS: 64 << 20, CONFIG: 1 << 20, CARD: 1 << 20}
DTYPES = ("float32", "float16")
VERSION = r"[0-9]{1,4}(\.[0-9]{1,4}){0,2}"
_NAME = re.compile(rf"({'|'.join(KINDS)})[-/]({VERSION})")


class Trained(BaseModel):
    """What made the numbers. ``data``: sha256 by file; ``code``: the commit; more is welcome."""

    model_config = ConfigDict(extra="allow", frozen=True)

    data: dict[str, str]
    code: str
    seed: int
    recipe: Any
    threads: int = Field(1, ge=1)
    torch: str = ""
    seconds: float = Field(0.0, ge=0, allow_inf_nan=False)


class ModelConfig(BaseModel):
    """``config.json``. Logits are divided by ``temperature`` to be probabilities of ``labels``.

    ``states`` is the mapping of ``core.states.states_to_config``, for that kind only.
    """

    model_config = ConfigDict(extra="forbid", frozen=True)

    kind: Kind
    version: str = Field(pattern=f"^{VERSION}$")
    architecture: str = Field(min_length=1, max_length=60)
    shape: dict[str, Any] = Field(default_factory=dict)
    labels: tuple[str, ...] = ()
    input: dict[str, Any] = Field(default_factory=dict)
    temperature: float = Field(1.0, gt=0, le=100, allow_inf_nan=False)
    trained: Trained
    metrics: dict[str, Any] = Field(default_factory=dict)
    states: dict[str, Any] = Field(default_factory=dict)

    @model_validator(mode="after")
    def _fits_its_kind(self) -> ModelConfig:
        if (self.kind == "states") != bool(self.states):
            raise ValueError("`states` is for models of kind states, and they need it")
        if self.kind != "states" and len(self.labels) < 2:
            raise ValueError("`labels` names fewer than two")
        if len(set(self.labels)) != len(self.labels):
            raise ValueError("`labels` names one twice")
        return self


@dataclass(frozen=True, slots=True)
class Model:
    """A model that is here. ``sha256`` is of its tensors; of its config, where it has none."""

    kind: Kind
    version: str
    folder: Path
    sha256: str
    config: ModelConfig

    @property
    def name(self) -> str:
        return f"{self.kind}/{self.version}"

    @property
    def stamp(self) -> str:
        """What rides on a Reading: ``expression/1+ab12cd34``."""
        return f"{self.name}+{self.sha256[:8]}"


def folder_name(name: str) -> tuple[Kind, str, str]:
    """``expression/2`` or ``expression-2`` → kind, version, name of the folder.

    Raises:
        BadInput: ``bad_model_name``.
    """
    found = _NAME.fullmatch(name)
    if found is None:
        raise BadInput(
            "bad_model_name",
            f"{name[:80]!r} is not the name of a model.",
            hint=f"A kind ({', '.join(KINDS)}) and a version of numbers, as in expression/2.",
        )
    kind: Kind = found[1]  # type: ignore[assignment] # by the pattern
    return kind, found[2], f"{kind}-{found[2]}"


def members(kind: Kind) -> tuple[str, ...]:
    """The files that a model of this kind has, in order."""
    return (CARD, CONFIG) if kind == "states" else (CARD, CONFIG, WEIGHTS)


def read_model(folder: Path) -> Model:
    """The model in a folder, its config checked; what it *should* hold is ``registry.verify``'s.

    Raises:
        BadInput: ``bad_model_name``, ``bad_model_path``, ``bad_model_config``.
        Unavailable: ``model_missing``.
    """
    folder = Path(folder)
    kind, version, _ = folder_name(folder.name)
    if not folder.is_dir():
        raise _missing(folder.name)
    config = _config(folder, read_file(folder, CONFIG))
    if (config.kind, config.version) != (kind, version):
        raise BadInput(
            "bad_model_config",
            f"{folder.name}/{CONFIG} says that it is {config.kind}/{config.version}.",
        )
    return Model(kind, version, folder, hashes(folder, kind)[members(kind)[-1]], config)


def read_file(folder: Path, file: str) -> bytes:
    """The bytes of one file of a model, if it is a plain one in that folder.

    Raises:
        BadInput: ``bad_model_path``, for a link that leads out of the folder, or too large a file.
        Unavailable: ``model_missing``.
    """
    path = folder / file
    home = folder.parent.resolve() / folder.name
    if path.resolve().parent != home:
        raise BadInput(
            "bad_model_path", f"{folder.name}/{file} is a link that leads out of its folder."
        )
    if not path.is_file():
        raise _missing(f"{folder.name}/{file}")
    if path.stat().st_size > MAX_BYTES[file]:
        raise BadInput(
            "bad_model_path", f"{folder.name}/{file} is larger than {MAX_BYTES[file] >> 20} MiB."
        )
    return path.read_bytes()


def hashes(folder: Path, kind: Kind) -> dict[str, str]:
    """sha256 of each of its files, in order. Errors as ``read_file``."""
    return {file: hashlib.sha256(read_file(folder, file)).hexdigest() for file in members(kind)}


def tensors(model: Model) -> Tensors:
    """The numbers by name, as they are stored (float32 or float16), all finite.

    Raises:
        Unavailable: ``model_corrupt``, where they are not those of ``model.sha256``, or no
            safetensors; ``model_missing``.
        BadInput: ``bad_tensors``.
    """
    from safetensors import SafetensorError
    from safetensors.numpy import load  # not in the web process, which reads no tensors

    if model.kind == "states":
        return {}
    place = f"{model.folder.name}/{WEIGHTS}"
    data = read_file(model.folder, WEIGHTS)
    if hashlib.sha256(data).hexdigest() != model.sha256:
        raise corrupt(place, "its sha256 differs")
    try:
        found = load(data)
    except (SafetensorError, KeyError, TypeError, ValueError) as error:
        raise corrupt(place, f"it is no whole safetensors file: {error}") from None
    for name, values in found.items():
        _sane(place, name, values)
    return found


def write_model(
    folder: Path,
    *,
    kind: Kind,
    version: str,
    config: Mapping[str, Any],
    tensors: Mapping[str, NDArray[Any]],
    card: str,
    replace: bool = False,
) -> Model:
    """Write ``folder/<kind>-<version>/`` as a whole; the same input gives the same bytes.

    Args:
        config: the keys of ModelConfig besides ``kind`` and ``version``.
        tensors: float32 or float16, by name; empty for kind states.
        replace: whether one that is there already may go; without it that is an error.

    Raises:
        BadInput: ``bad_model_name``, ``bad_model_config``, ``bad_tensors``, ``model_exists``.
    """
    _, _, name = folder_name(f"{kind}/{version}")
    target = Path(folder) / name
    if config.get("kind", kind) != kind or config.get("version", version) != version:
        raise BadInput("bad_model_config", f"{name}/{CONFIG} names another kind or version.")
    text = _checked(name, {"kind": kind, "version": version, **config})
    if (kind == "states") == bool(tensors):
        raise BadInput("bad_tensors", f"{name}: states have no tensors, every other kind has.")
    for tensor, values in tensors.items():
        _sane(f"{name}/{WEIGHTS}", tensor, values)
    if target.exists() and not replace:
        raise BadInput("model_exists", f"There is a model {name} already.", hint="Count up.")
    files = {CARD: card.encode(), CONFIG: text.encode()}
    if kind != "states":
        from safetensors.numpy import save

        files[WEIGHTS] = save({key: np.ascontiguousarray(tensors[key]) for key in sorted(tensors)})
    _write_folder(target, files)
    return read_model(target)


def _write_folder(target: Path, files: Mapping[str, bytes]) -> None:
    target.parent.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(dir=target.parent, prefix=".part-") as part:
        made = Path(part) / target.name
        made.mkdir()
        for file, data in files.items():
            (made / file).write_bytes(data)
        if target.exists():
            shutil.rmtree(target)
        made.rename(target)


def replace_file(path: Path, text: str) -> None:
    """All of it or nothing, for whoever reads meanwhile.

    Raises:
        Unavailable: ``not_writable``.
    """
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        with tempfile.NamedTemporaryFile(dir=path.parent, prefix=".part-", delete=False) as part:
            part.write(text.encode())
            part.flush()
            os.fsync(part.fileno())
        temporary = Path(part.name)
        temporary.chmod(0o644)
        temporary.replace(path)
    except OSError as error:
        raise Unavailable(
            "not_writable", f"{path.name} cannot be written: {error.strerror}.", retry=False
        ) from None


def corrupt(file: str, because: str) -> Unavailable:
    """The one answer to a file that is not what was promised."""
    return Unavailable(
        "model_corrupt",
        f"The model file {file} is not the one that was recorded: {because}.",
        hint="Put the right one back, or roll back (`manage.py models rollback KIND`).",
        retry=False,
    )


def _missing(what: str) -> Unavailable:
    return Unavailable(
        "model_missing",
        f"The model file {what} is not there.",
        hint="`manage.py models list` tells which models are.",
        retry=False,
    )


def _checked(name: str, raw: Mapping[str, Any]) -> str:
    try:
        text = json.dumps(dict(raw), indent=2, ensure_ascii=False, allow_nan=False) + "\n"
        ModelConfig.model_validate_json(text)
    except (TypeError, ValueError) as error:  # ValidationError is a ValueError
        raise BadInput("bad_model_config", f"{name}/{CONFIG}: {_first(error)}") from None
    return text


def _config(folder: Path, data: bytes) -> ModelConfig:
    try:
        json.loads(data, parse_constant=_no_constant)
        return ModelConfig.model_validate_json(data)
    except (ValueError, RecursionError) as error:
        raise BadInput(
            "bad_model_config", f"{folder.name}/{CONFIG} is not a model's config: {_first(error)}"
        ) from None


def _no_constant(name: str) -> NoReturn:
    raise ValueError(f"{name} is no number")


def _first(error: Exception) -> str:
    if not isinstance(error, ValidationError):
        return str(error)[:200]
    first = error.errors(include_url=False, include_input=False)[0]
    where = ".".join(str(part) for part in first["loc"])
    return f"{where}: {first['msg']}" if where else first["msg"]


def _sane(place: str, name: str, values: NDArray[Any]) -> None:
    if values.dtype.name not in DTYPES:
        raise BadInput(
            "bad_tensors", f"{place}: {name} is {values.dtype.name}, not {' or '.join(DTYPES)}."
        )
    if not np.isfinite(values).all():
        raise BadInput("bad_tensors", f"{place}: {name} holds what is no number.")
