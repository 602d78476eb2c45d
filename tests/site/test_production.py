"""Production settings: secrets from the environment or a file, and nothing that runs when read."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
from django.core.exceptions import ImproperlyConfigured

from tutor_emotion import deploy_checks
from tutor_emotion.demo import settings as demo
from tutor_emotion.demo.key_file import master_keys
from tutor_emotion.demo.secrets_of import required, secret

ROOT = Path(__file__).resolve().parents[2]
SOURCES = sorted((ROOT / "tutor_emotion").rglob("*.py"))
RUNS_WHEN_READ = re.compile(
    r"^\s*(?:import|from) (?:pickle|marshal|shelve|dill|cloudpickle|joblib)\b"
    r"|\byaml\.(?:load|unsafe_load|full_load)\(|(?<![.\w])(?:eval|exec)\("
    r"|allow_pickle=True|weights_only=False",
    re.MULTILINE,
)


@pytest.fixture
def given(monkeypatch: pytest.MonkeyPatch) -> Any:
    return monkeypatch.setenv


# --- it works -------------------------------------------------------------------------------------


def test_a_secret_comes_from_the_environment_or_from_a_file(given: Any, tmp_path: Path) -> None:
    given("A_SECRET", "from the environment")
    assert secret("A_SECRET") == "from the environment"
    (tmp_path / "b").write_text("from a file, with blanks \r\n")
    given("B_SECRET_FILE", str(tmp_path / "b"))
    assert required("B_SECRET") == "from a file, with blanks "
    assert secret("C_SECRET", "the default") == "the default"


def test_a_file_may_have_a_master_key_a_line(given: Any, tmp_path: Path) -> None:
    keys = ["a" * 64, "b" * 64]
    (tmp_path / "keys").write_text("\n".join(keys) + "\n")
    given("TUTOR_EMOTION_MASTER_KEYS_FILE", str(tmp_path / "keys"))
    assert master_keys(tmp_path / "unused") == keys
    assert not (tmp_path / "unused").exists()


def test_production_starts_from_files_alone(tmp_path: Path) -> None:
    (tmp_path / "key").write_text("k" * 64)
    (tmp_path / "master").write_text("a" * 64)
    env = {
        "PATH": os.environ["PATH"],
        "DJANGO_SETTINGS_MODULE": "tutor_emotion.demo.production",
        "DJANGO_ALLOWED_HOSTS": "tutor.example.org",
        "DJANGO_SECRET_KEY_FILE": str(tmp_path / "key"),
        "TUTOR_EMOTION_MASTER_KEYS_FILE": str(tmp_path / "master"),
        "TUTOR_EMOTION_VAR": str(tmp_path),
    }
    code = """import django; django.setup()
from django.conf import settings as s
print(s.SECRET_KEY[:3], s.SESSION_COOKIE_NAME, s.CSRF_COOKIE_NAME, s.SESSION_COOKIE_SECURE,
      s.CSRF_COOKIE_SECURE, s.CSRF_COOKIE_HTTPONLY, s.SESSION_COOKIE_HTTPONLY, s.DEBUG)"""
    done = subprocess.run(
        [sys.executable, "-c", code], cwd=ROOT, env=env, capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stderr
    cookies = ["__Host-sessionid", "__Host-csrftoken"]
    assert done.stdout.split() == ["kkk", *cookies, *["True"] * 4, "False"]


def test_what_the_demonstration_takes_out_of_its_broker_is_json(settings: Any) -> None:
    assert settings.CELERY_ACCEPT_CONTENT == settings.CELERY_RESULT_ACCEPT_CONTENT == ["json"]
    assert deploy_checks.no_message_is_a_program() == []
    assert deploy_checks.no_session_is_a_program() == []


# --- what it refuses ------------------------------------------------------------------------------


@pytest.mark.parametrize("source", SOURCES, ids=lambda path: str(path.relative_to(ROOT)))
def test_nothing_of_ours_runs_what_it_reads(source: Path) -> None:
    text = source.read_text()
    assert RUNS_WHEN_READ.findall(text) == []
    for call in re.findall(r"torch\.load\([^\n]*", text):
        assert "weights_only=True" in call


def test_the_search_for_it_finds_something() -> None:
    for bad in (
        "import pickle\n",
        "    from marshal import loads\n",
        "yaml.load(text)",
        "x = eval(text)",
        "exec(code)",
        "np.load(p, allow_pickle=True)",
        "torch.load(p, weights_only=False)",
    ):
        assert RUNS_WHEN_READ.search(bad), bad


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("CELERY_ACCEPT_CONTENT", ["json", "pickle"]),
        ("CELERY_ACCEPT_CONTENT", ["application/x-python-serialize"]),
        ("CELERY_RESULT_ACCEPT_CONTENT", ["yaml"]),
        ("CELERY_TASK_SERIALIZER", "pickle"),
    ],
)
def test_a_host_whose_workers_would_run_a_message_is_told(
    settings: Any, name: str, value: Any
) -> None:
    setattr(settings, name, value)
    (found,) = deploy_checks.no_message_is_a_program()
    assert found.id == "tutor_emotion.E022"
    assert name in found.msg


def test_so_is_one_with_a_layer_or_sessions_of_pickle(settings: Any) -> None:
    layer = settings.CHANNEL_LAYERS["default"]
    config = {**layer["CONFIG"], "serializer_format": "pickle"}
    settings.CHANNEL_LAYERS = {"default": {**layer, "CONFIG": config}}
    assert [f.id for f in deploy_checks.no_message_is_a_program()] == ["tutor_emotion.E023"]
    settings.SESSION_SERIALIZER = "django.contrib.sessions.serializers.PickleSerializer"
    assert [f.id for f in deploy_checks.no_session_is_a_program()] == ["tutor_emotion.E024"]


def test_the_demonstrations_key_and_debug_are_for_the_demonstration(settings: Any) -> None:
    assert deploy_checks.the_key_is_a_secret()[0].id == "tutor_emotion.E020"
    assert {demo.DEMO_SECRET_KEY} == deploy_checks.DEMO_KEYS
    settings.SECRET_KEY = "k" * 64
    assert deploy_checks.the_key_is_a_secret() == []
    assert deploy_checks.nothing_is_shown_that_failed() == []
    settings.DEBUG = True
    assert deploy_checks.nothing_is_shown_that_failed()[0].id == "tutor_emotion.E021"


def test_a_secret_twice_or_unreadable_stops_the_start(given: Any, tmp_path: Path) -> None:
    given("A_SECRET", "x")
    given("A_SECRET_FILE", str(tmp_path / "a"))
    with pytest.raises(ImproperlyConfigured, match="both set"):
        secret("A_SECRET")
    (tmp_path / "raw").write_bytes(b"\xff\xfe")
    for path in (tmp_path / "nowhere", tmp_path, tmp_path / "raw"):
        given("B_SECRET_FILE", str(path))
        with pytest.raises(ImproperlyConfigured, match="cannot be read"):
            secret("B_SECRET")
    with pytest.raises(ImproperlyConfigured, match="C_SECRET is not set"):
        required("C_SECRET")
