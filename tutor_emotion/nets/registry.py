"""Which of our own models are here, which of them are in use, and that they are what they were.

Those that the package ships are recorded in ``manifest.toml``, a site's own in
``WEIGHTS_DIR/own/manifest.toml`` when they are first activated. What is recorded is verified ever
after. ``WEIGHTS_DIR/active.json`` names the models in use; where it names none of a kind, the
newest shipped one is. Neither torch nor Django is loaded here.
"""

from __future__ import annotations

import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, TypeAlias

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from tutor_emotion.errors import BadInput, TutorEmotionError, Unavailable
from tutor_emotion.nets.model_folder import (
    CONFIG,
    KINDS,
    Kind,
    Model,
    ModelConfig,
    corrupt,
    folder_name,
    hashes,
    members,
    read_model,
    replace_file,
    tensors,
    write_model,
)
from tutor_emotion.nets.weights import MANIFEST

__all__ = [
    "KINDS",
    "SHIPPED",
    "Found",
    "Kind",
    "Model",
    "ModelConfig",
    "activate",
    "activation_mark",
    "active",
    "active_one",
    "inspect",
    "installed",
    "named",
    "read_model",
    "record_shipped",
    "rollback",
    "tensors",
    "verify",
    "write_model",
]

SHIPPED = Path(__file__).with_name("shipped")
OWN = "own"
ACTIVE = "active.json"
HISTORY = 20  # earlier choices of a kind that are kept
OURS = "# Our own models, in shipped/: written by `registry.record_shipped`, not by hand."
Promises: TypeAlias = dict[str, dict[str, str]]


@dataclass(frozen=True, slots=True)
class Found:
    """A folder that is named as a model is: the ``model``, or the ``error`` that it gives."""

    name: str
    shipped: bool
    recorded: bool
    model: Model | None
    error: TutorEmotionError | None = None


class _Choice(BaseModel):
    """A model in use; with its hash, so that no other can take its name."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    name: str
    sha256: str = Field(pattern="^[0-9a-f]{64}$")


class _Activation(BaseModel):
    """``active.json``: each kind's choice, and those before it, newest last (None: shipped)."""

    model_config = ConfigDict(extra="forbid")

    active: dict[Kind, _Choice] = Field(default_factory=dict)
    before: dict[Kind, list[_Choice | None]] = Field(default_factory=dict)


def inspect(weights_dir: Path) -> tuple[Found, ...]:
    """Every folder that is named as a model is, shipped ones first, by kind and version."""
    return tuple(
        _look(folder, root == SHIPPED)
        for root in _roots(weights_dir)
        for folder in sorted(_folders(root), key=_order)
    )


def installed(weights_dir: Path) -> tuple[Model, ...]:
    """The models that are here and whole; ``inspect`` tells of the others."""
    return tuple(found.model for found in inspect(weights_dir) if found.model and not found.error)


def active(weights_dir: Path) -> dict[Kind, Model]:
    """The model in use of each kind that has one, verified.

    Raises:
        BadInput: ``bad_active_file``, and as ``read_model``.
        Unavailable: ``model_missing``, ``model_corrupt``, ``model_unrecorded``.
    """
    models = {kind: active_one(weights_dir, kind) for kind in KINDS}
    return {kind: model for kind, model in models.items() if model is not None}


def active_one(weights_dir: Path, kind: Kind) -> Model | None:
    """The model in use of one kind, verified. Errors as ``active``."""
    choice = _read_activation(weights_dir).active.get(kind)
    return _chosen(weights_dir, choice) if choice else _newest_shipped(kind)


def activation_mark(weights_dir: Path) -> tuple[int, int, int] | None:
    """Changes whenever ``active.json`` does; one ``stat``, cheap enough for each batch."""
    try:
        stat = (Path(weights_dir) / ACTIVE).stat()
    except OSError:
        return None
    return stat.st_ino, stat.st_mtime_ns, stat.st_size


def activate(weights_dir: Path, name: str) -> Model:
    """Put ``name`` (as ``expression/2``) in use; a site's own one is recorded now, if it is new.

    Raises:
        BadInput: ``model_name_taken``, ``bad_active_file``, and as ``read_model``, ``tensors``.
        Unavailable: ``model_missing``, ``model_corrupt``, ``model_unrecorded``, ``not_writable``.
    """
    model = named(weights_dir, name)
    tensors(model)
    root, folder = model.folder.parent, model.folder.name
    if root != SHIPPED and folder not in _promises(root):
        _record(model, root / "manifest.toml")
    verify(model)
    state = _read_activation(weights_dir)
    choice = _Choice(name=model.name, sha256=model.sha256)
    if state.active.get(model.kind) != choice:
        before = [*state.before.get(model.kind, []), state.active.get(model.kind)]
        state.before[model.kind] = before[-HISTORY:]
        state.active[model.kind] = choice
        _write_activation(weights_dir, state)
    return model


def named(weights_dir: Path, name: str) -> Model:
    """The model of that name, whatever it holds: see ``verify``, ``tensors``.

    Raises:
        BadInput: ``model_name_taken``, and as ``read_model``.
        Unavailable: ``model_missing``.
    """
    _, _, folder = folder_name(name)
    candidates = [root / folder for root in _roots(weights_dir) if (root / folder).is_dir()]
    if len(candidates) > 1:
        raise BadInput(
            "model_name_taken",
            f"{name} is shipped, and there is one of your own.",
            hint="Give your own another version, in its folder's name and in its config.json.",
        )
    return read_model(candidates[0] if candidates else Path(weights_dir) / OWN / folder)


def rollback(weights_dir: Path, kind: Kind) -> Model | None:
    """Put back in use what was before the last ``activate`` of this kind (None: none is shipped).

    Raises:
        BadInput: ``nothing_before``, ``bad_active_file``, and as ``read_model``.
        Unavailable: as ``active``; then nothing has changed.
    """
    state = _read_activation(weights_dir)
    before = state.before.get(kind, [])
    if not before:
        raise BadInput("nothing_before", f"No other model of kind {kind} was in use before.")
    choice = before.pop()
    model = _chosen(weights_dir, choice) if choice else _newest_shipped(kind)
    if choice:
        state.active[kind] = choice
    else:
        state.active.pop(kind, None)
    _write_activation(weights_dir, state)
    return model


def verify(model: Model) -> None:
    """Every file of it against what was recorded.

    Raises:
        Unavailable: ``model_unrecorded``, ``model_corrupt``, ``model_missing``.
        BadInput: ``bad_model_path``, ``bad_manifest``.
    """
    folder = model.folder
    promised = _promises(folder.parent).get(folder.name)
    if promised is None:
        raise Unavailable(
            "model_unrecorded",
            f"No manifest names the model {model.name}.",
            hint=f"`manage.py models activate {model.name}` records one of your own.",
            retry=False,
        )
    found = hashes(folder, model.kind)
    for file in members(model.kind):
        if found[file] != promised.get(file):
            raise corrupt(f"{folder.name}/{file}", "its sha256 differs")
    # The config in hand may be older than the file: both must be the recorded ones.
    if found[members(model.kind)[-1]] != model.sha256 or read_model(folder).config != model.config:
        raise corrupt(f"{folder.name}/{CONFIG}", "it changed meanwhile")


def record_shipped(model: Model, manifest: Path = MANIFEST) -> None:
    """Enter a model that the package ships into its manifest, in place of an older entry."""
    _record(model, manifest)


# --- where models are --------------------------------------------------------------------------


def _roots(weights_dir: Path) -> tuple[Path, Path]:
    return SHIPPED, Path(weights_dir) / OWN


def _folders(root: Path) -> list[Path]:
    if not root.is_dir():
        return []
    return [path for path in root.iterdir() if _is_model_name(path.name)]


def _is_model_name(name: str) -> bool:
    try:
        return folder_name(name)[2] == name
    except BadInput:
        return False


def _order(folder: Path) -> tuple[int, tuple[int, ...]]:
    kind, version, _ = folder_name(folder.name)
    return KINDS.index(kind), tuple(int(part) for part in version.split("."))


def _look(folder: Path, shipped: bool) -> Found:
    kind, version, _ = folder_name(folder.name)
    name, recorded, model = f"{kind}/{version}", False, None
    try:
        recorded = folder.name in _promises(folder.parent)
        model = read_model(folder)
        if recorded or shipped:
            verify(model)
    except TutorEmotionError as error:
        return Found(name, shipped, recorded, model, error)
    return Found(name, shipped, recorded, model)


def _newest_shipped(kind: Kind) -> Model | None:
    folders = [folder for folder in _folders(SHIPPED) if folder_name(folder.name)[0] == kind]
    if not folders:
        return None
    model = read_model(max(folders, key=_order))
    verify(model)
    return model


def _chosen(weights_dir: Path, choice: _Choice) -> Model:
    """The model of that name *and* hash: an upgrade may ship another one of the same name."""
    folder = folder_name(choice.name)[2]
    places = [root / folder for root in reversed(_roots(weights_dir)) if (root / folder).is_dir()]
    models = [read_model(place) for place in places or [Path(weights_dir) / OWN / folder]]
    for model in models:
        if model.sha256 == choice.sha256:
            verify(model)
            return model
    for model in models:
        verify(model)  # so that the error names the file that changed
    raise corrupt(folder, "it is not the model that was activated")


# --- what was recorded -------------------------------------------------------------------------


def _promises(root: Path) -> Promises:
    """sha256 by file, by folder."""
    path = MANIFEST if root == SHIPPED else root / "manifest.toml"
    return _read_promises(path.read_bytes()) if path.is_file() else {}


def _read_promises(text: bytes) -> Promises:
    try:
        entries = tomllib.loads(text.decode()).get("model", [])
        return {
            folder_name(f"{entry['kind']}/{entry['version']}")[2]: dict(entry["files"])
            for entry in entries
        }
    except (KeyError, TypeError, ValueError, AttributeError, RecursionError) as error:
        raise BadInput("bad_manifest", f"A manifest of models cannot be read: {error}") from None


def _record(model: Model, manifest: Path) -> None:
    """Everything before OURS stays as it is; the entries after it are written anew, in order."""
    text = manifest.read_bytes() if manifest.is_file() else b""
    promises = {
        **_read_promises(text),
        model.folder.name: hashes(model.folder, model.kind),
    }
    kept = text.decode().partition(OURS)[0].rstrip()
    entries = [_entry(name, promises[name]) for name in sorted(promises, key=_by_name)]
    replace_file(manifest, "\n\n".join([*([kept] if kept else []), OURS, *entries]) + "\n")


def _by_name(folder: str) -> tuple[int, tuple[int, ...]]:
    return _order(Path(folder))


def _entry(folder: str, files: Mapping[str, str]) -> str:
    kind, version, _ = folder_name(folder)
    lines = ["[[model]]", f'kind = "{kind}"', f'version = "{version}"', "", "[model.files]"]
    return "\n".join([*lines, *(f'"{file}" = "{digest}"' for file, digest in files.items())])


# --- which are in use --------------------------------------------------------------------------


def _read_activation(weights_dir: Path) -> _Activation:
    path = Path(weights_dir) / ACTIVE
    try:
        state = _Activation.model_validate_json(path.read_bytes())
    except FileNotFoundError:
        return _Activation()
    except (OSError, ValidationError) as error:
        raise BadInput(
            "bad_active_file",
            f"{ACTIVE} cannot be read: {_short(error)}",
            hint="Remove it to use what is shipped, then activate again.",
        ) from None
    _refuse_strangers(state)
    return state


def _refuse_strangers(state: _Activation) -> None:
    """A voice net under ``expression`` would be run, or shown, as what it is not."""
    for kind, choice in state.active.items():
        if folder_name(choice.name)[0] != kind:
            raise BadInput(
                "bad_active_file",
                f"{ACTIVE} has {choice.name} where a model of kind {kind} stands.",
            )


def _write_activation(weights_dir: Path, state: _Activation) -> None:
    replace_file(Path(weights_dir) / ACTIVE, state.model_dump_json(indent=2) + "\n")


def _short(error: Any) -> str:
    return str(error).splitlines()[0][:200]
