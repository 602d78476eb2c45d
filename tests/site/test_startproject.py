"""README's ten minutes, followed to the letter: a fresh project that knows nothing of us.

Every file and command is taken from README.md, so the page cannot drift from the code. What is
installed is the wheel that the project builds, so a file that is missing in it is found here.
"""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys
import time
import urllib.error
import urllib.request
import zipfile
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest
import redis

from tutor_emotion.demo.children import tied_to_parent
from tutor_emotion.demo.valkey import free_port
from tutor_emotion.inference.queue import WORKERS

ROOT = Path(__file__).resolve().parents[2]
BIN = Path(sys.executable).parent
README = (ROOT / "README.md").read_text()
STEP = re.compile(r"<!-- (?P<what>[^>]+) -->\n```\w+\n(?P<text>.*?)```", re.DOTALL)
PASSWORD = "a-fresh-password-1"
MISSES = [
    {"after_s": 1, "type": "step_shown", "step": "eq-1", "skill": "linear-equations"},
    *(
        {
            "after_s": after,
            "type": "answer",
            "step": "eq-1",
            "skill": "linear-equations",
            "correct": False,
            "took_s": 6.0,
        }
        for after in (3, 5, 7, 9)
    ),
]


@dataclass(frozen=True)
class Project:
    folder: Path
    env: dict[str, str]
    port: int

    @property
    def address(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    def shell(self, line: str) -> subprocess.CompletedProcess[str]:
        return subprocess.run(
            ["sh", "-c", line],
            cwd=self.folder,
            env=self.env,
            stdin=subprocess.DEVNULL,
            capture_output=True,
            text=True,
            check=False,
            timeout=100,
        )


def steps(what: str) -> list[tuple[str, str]]:
    found = [(match["what"], match["text"]) for match in STEP.finditer(README)]
    return [(name, text) for name, text in found if name.split()[0] == what]


@pytest.fixture(scope="module")
def wheel(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The project's own wheel, built from the files that git knows."""
    source, out = tmp_path_factory.mktemp("source"), tmp_path_factory.mktemp("wheel")
    listed = subprocess.check_output(["git", "ls-files", "-z"], cwd=ROOT, text=True)
    built = ROOT / "tutor_emotion" / "static" / "tutor_emotion" / "dist"
    names = [name for name in listed.split("\0") if (ROOT / name).is_file()]
    names += [str(path.relative_to(ROOT)) for path in built.glob("*.js")]
    for name in names:
        if name.startswith(("tutor_emotion/", "pyproject", "README", "LICENSE")):
            (source / name).parent.mkdir(parents=True, exist_ok=True)
            (source / name).write_bytes((ROOT / name).read_bytes())
    uv = [str(BIN / "uv"), "build", "--wheel", "--no-build-isolation", "--out-dir", str(out)]
    subprocess.run(
        [*uv, "--python", sys.executable, str(source)], check=True, capture_output=True, timeout=100
    )
    return next(out.glob("*.whl"))


@pytest.fixture(scope="module")
def project(tmp_path_factory: pytest.TempPathFactory, wheel: Path, valkey_server: str) -> Project:
    """Steps 1 to 5."""
    installed, folder = tmp_path_factory.mktemp("installed"), tmp_path_factory.mktemp("their")
    with zipfile.ZipFile(wheel) as archive:
        archive.extractall(installed)
    dropped = ("DJANGO_", "POSTGRES_", "TUTOR_EMOTION_", "PYTEST_", "TEST_")
    env = {k: v for k, v in os.environ.items() if not k.startswith(dropped)}
    env |= {
        "PATH": f"{BIN}{os.pathsep}{env['PATH']}",
        "PYTHONPATH": str(installed),
        "PYTHONDONTWRITEBYTECODE": "1",
        "REDIS_URL": valkey_server,
        "DJANGO_SUPERUSER_USERNAME": "somebody",
        "DJANGO_SUPERUSER_PASSWORD": PASSWORD,
        "DJANGO_SUPERUSER_EMAIL": "somebody@example.org",
    }
    theirs = Project(folder, env, free_port())
    assert theirs.shell("django-admin startproject mysite .").returncode == 0
    for what, text in steps("file:"):
        _, name, mode = what.split()
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        assert mode in {"append", "write"}
        path.write_text(path.read_text() + "\n" + text if mode == "append" else text)
    # Not fetched again for each test: the command below checks them by their hashes.
    (folder / "models").symlink_to(ROOT / "models")
    return theirs


@pytest.fixture(scope="module")
def prepared(project: Project) -> Project:
    """Step 6, but for the two processes."""
    for _, text in steps("run"):
        for line in text.splitlines():
            # createsuperuser asks a person; here its answers come from the environment.
            asked = line.replace("createsuperuser", "createsuperuser --no-input")
            done = project.shell(asked)
            assert done.returncode == 0, f"{line}\n{done.stdout}{done.stderr}"
    return project


@pytest.fixture(scope="module")
def running(prepared: Project) -> Iterator[Project]:
    """The two processes, started by README's own lines."""
    ((_, text),) = steps("start")
    children = []
    for number, line in enumerate(text.splitlines()):
        command = line.replace("--port 8000", f"--port {prepared.port}").split()
        with (prepared.folder / f"{number}.log").open("wb") as log:
            children.append(
                subprocess.Popen(
                    command,
                    cwd=prepared.folder,
                    env=prepared.env,
                    stdout=log,
                    stderr=log,
                    preexec_fn=tied_to_parent(),
                )
            )
    wait_for(prepared, children)
    yield prepared
    for child in children:
        child.terminate()
    for child in children:
        child.wait(20)


def wait_for(project: Project, children: list[subprocess.Popen[bytes]]) -> None:
    end = time.monotonic() + 90
    with redis.Redis.from_url(project.env["REDIS_URL"]) as client:
        while not (answers(project) and client.zcount(WORKERS, time.time(), "+inf")):
            logs = [path.read_text() for path in sorted(project.folder.glob("*.log"))]
            assert all(child.poll() is None for child in children), logs
            assert time.monotonic() < end, logs
            time.sleep(0.1)


def answers(project: Project) -> bool:
    try:
        with urllib.request.urlopen(f"{project.address}/admin/login/", timeout=5) as page:
            return bool(page.status == 200)
    except OSError:
        return False


# --- it works -------------------------------------------------------------------------------------


def test_readme_has_every_step() -> None:
    names = [what.split()[1] for what, _ in steps("file:")]
    assert len(names) == len(set(names)) == 7
    assert len(steps("run")) == len(steps("start")) == 1


def test_the_wheel_carries_every_file_of_the_package(wheel: Path) -> None:
    listed = subprocess.check_output(["git", "ls-files", "tutor_emotion"], cwd=ROOT, text=True)
    with zipfile.ZipFile(wheel) as archive:
        inside = set(archive.namelist())
    # The sources of translations are not needed where their compiled form is.
    needed = {n for n in listed.splitlines() if (ROOT / n).is_file() and not n.endswith(".po")}
    missing = needed - inside
    assert missing == set()
    assert "tutor_emotion/static/tutor_emotion/dist/learner.js" in inside


def test_django_has_nothing_to_complain_of(prepared: Project) -> None:
    done = prepared.shell("python manage.py check --fail-level WARNING")
    assert done.returncode == 0, done.stderr


def test_no_migration_is_missing_in_their_project(prepared: Project) -> None:
    done = prepared.shell("python manage.py makemigrations --check --dry-run")
    assert done.returncode == 0, done.stdout


def test_a_learner_signs_in_gets_stuck_and_their_code_hears_of_it(
    running: Project, tmp_path: Path
) -> None:
    script = tmp_path / "misses.jsonl"
    script.write_text("".join(json.dumps(line) + "\n" for line in MISSES))
    done = running.shell(
        f"python manage.py simulate_learner --url {running.address} --page /lesson/"
        f" --user somebody --password {PASSWORD} --modalities interaction"
        f" --answers {script} --seconds 14 --json"
    )
    assert done.returncode == 0, done.stderr
    result = json.loads(done.stdout)
    assert (result["connected"], result["lost"]) == (1, 0)
    assert len(result["signals"]) >= 1
    assert " in linear-equations" in (running.folder / "0.log").read_text()


def test_the_panels_script_is_served(running: Project) -> None:
    address = f"{running.address}/static/tutor_emotion/dist/learner.js"
    with urllib.request.urlopen(address, timeout=10) as script:
        assert b"tutor-emotion" in script.read()


# --- what it refuses ------------------------------------------------------------------------------


def test_without_a_jurisdiction_it_is_camera_free(prepared: Project) -> None:
    code = (
        "from django.conf import settings;"
        "settings.TUTOR_EMOTION.pop('JURISDICTION');"
        "from tutor_emotion.privacy import possible;"
        "print(sorted(possible()))"
    )
    done = prepared.shell(f'python manage.py shell -v 0 -c "{code}"')
    assert "interaction" in done.stdout
    assert "face" not in done.stdout
    assert "voice" not in done.stdout


def test_a_wrong_setting_is_named(prepared: Project) -> None:
    code = "from mysite.settings import *; TUTOR_EMOTION['RUNER'] = 'compact'"
    (prepared.folder / "mysite" / "wrong.py").write_text(code)
    done = prepared.shell("DJANGO_SETTINGS_MODULE=mysite.wrong python manage.py check")
    assert done.returncode == 1
    assert "tutor_emotion.E001" in done.stderr
    assert "Did you mean RUNNER?" in done.stderr


def test_a_stranger_is_sent_to_the_sign_in(running: Project) -> None:
    with urllib.request.urlopen(f"{running.address}/lesson/", timeout=10) as page:
        assert "/admin/login/" in page.url
    request = urllib.request.Request(f"{running.address}/tutor-emotion/sessions/", b"{}")
    with pytest.raises(urllib.error.HTTPError):
        urllib.request.urlopen(request, timeout=10)
