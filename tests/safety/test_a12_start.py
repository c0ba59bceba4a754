"""A12: what every answer carries, and what the panel does not start with."""

from __future__ import annotations

import os
import re
import sqlite3
import subprocess
import sys
from pathlib import Path

import pytest

from tepei_admin import safeguards
from tepei_admin.app import create_app
from tepei_admin.config import Config, ConfigError, sqlite_file
from tepei_admin.database import db
from tests.safety.people import EVERYBODY, NOBODY, browser_of

MOUNTS = """\
22 1 8:1 / / rw,relatime - ext4 /dev/sda1 rw
30 22 0:40 / /srv/share rw,relatime shared:5 - nfs4 office:/export rw
31 22 0:41 / /srv/with\\040blank rw - cifs //office/share rw
32 30 8:2 / /srv/share/local rw - xfs /dev/sdb1 rw
"""


SHORT = (NOBODY, "viewer", "admin")
LONG = [name if name in SHORT else pytest.param(name, marks=pytest.mark.safety) for name in EVERYBODY]


@pytest.mark.parametrize("name", LONG)
def test_every_answer_carries_the_headers(name: str, sqlite_house, sqlite_app) -> None:
    """Every address, also those that are refused, are missing, or are a redirect."""
    browser = browser_of(name, sqlite_app, sqlite_house)
    token = browser.token("/units/") or browser.token("/login")
    wrong = []
    for door in [*sqlite_app.extensions["doors"].values(), None]:
        path = re.sub(r"<[^>]*>", "1", door.rule) if door else "/nowhere"
        if path == "/logout":
            continue
        data = {"csrf_token": token} if door and door.method == "POST" else None
        headers = browser.client.open(path, method=door.method if door else "GET", data=data).headers
        policy = headers.get("Content-Security-Policy", "")
        sound = (
            policy.startswith("default-src 'self';")
            and "frame-ancestors 'none'" in policy
            and "unsafe" not in policy
            and headers.get("X-Content-Type-Options") == "nosniff"
            and headers.get("Referrer-Policy") == "no-referrer"
            and (headers.get("Cache-Control") == "no-store" or path.startswith("/static/"))
        )
        wrong += [] if sound else [(path, dict(headers))]
    assert wrong == []


def test_what_any_cache_may_keep_carries_nobodys_session(sqlite_admin) -> None:
    answer = sqlite_admin.get("/static/style.css")
    assert "public" in answer.headers["Cache-Control"] and "Set-Cookie" not in answer.headers
    assert "Set-Cookie" in sqlite_admin.get("/units/").headers, "every page keeps the session alive"


@pytest.fixture
def config(tmp_path: Path) -> Config:
    path = tmp_path / "tepei.sqlite3"
    sqlite3.connect(path).close()
    os.chmod(path, 0o600)
    return Config(tmp_path, f"sqlite:///{path}", "k" * 40)


def refusal(config: Config) -> str:
    with pytest.raises(ConfigError) as refused:
        create_app(config)
    assert "\n" not in str(refused.value)
    return str(refused.value)


def test_a_sound_house_starts(config: Config) -> None:
    assert list(safeguards.findings(config)) == []
    assert create_app(config)


def test_the_start_is_refused_with_debugging(config: Config, monkeypatch) -> None:
    monkeypatch.setenv("FLASK_DEBUG", "1")
    assert "FLASK_DEBUG" in refusal(config)


def test_the_start_is_refused_with_a_short_secret(config: Config) -> None:
    assert "太短" in refusal(Config(config.data_dir, config.database_url, "short"))


@pytest.mark.skipif(os.name != "posix", reason="modes are POSIX's")
def test_the_start_is_refused_with_a_database_that_everybody_can_read(config: Config) -> None:
    path = sqlite_file(config.database_url)
    os.chmod(path, 0o644)
    assert f"chmod o-rwx {path}" in refusal(config)
    os.chmod(path, 0o640)
    assert create_app(config)


@pytest.mark.parametrize(
    ("path", "kind"),
    [
        ("/srv/share/tepei.sqlite3", "nfs4"), ("/srv/share/local/tepei.sqlite3", "xfs"), ("/srv/shared.sqlite3", "ext4"),
        ("/srv/with blank/x", "cifs"), ("/var/lib/x", "ext4"),
    ],
)  # fmt: skip
def test_the_file_system_of_a_path_is_that_of_its_longest_mount(path: str, kind: str, tmp_path: Path) -> None:
    mounts = tmp_path / "mountinfo"
    mounts.write_text(MOUNTS)
    assert safeguards.file_system(Path(path), mounts) == kind


@pytest.mark.parametrize(
    "kind", ["nfs4", "9p", "virtiofs", "cifs", "smb3", "fuse.sshfs", "fuse.glusterfs", "ceph", "afs"]
)
def test_the_start_is_refused_on_a_network_file_system(
    kind: str, config: Config, tmp_path: Path, monkeypatch
) -> None:
    mounts = tmp_path / "mountinfo"
    mounts.write_text(
        f"22 1 8:1 / / rw - ext4 /dev/sda1 rw\n30 22 0:40 / {tmp_path} rw - {kind} office:/export rw\n"
    )
    monkeypatch.setattr(safeguards.findings, "__defaults__", (mounts,))
    assert f"网络文件系统（{kind}）" in refusal(config)


@pytest.mark.parametrize("kind", ["9p", "virtiofs"])
def test_the_root_of_a_sandbox_is_its_own(kind: str, config: Config, tmp_path: Path, monkeypatch) -> None:
    mounts = tmp_path / "mountinfo"
    mounts.write_text(f"22 1 0:9 / / rw - {kind} none rw\n")
    monkeypatch.setattr(safeguards.findings, "__defaults__", (mounts,))
    assert create_app(config)


def test_a_database_that_the_house_makes_is_its_owners_alone(tmp_path: Path) -> None:
    run = [
        sys.executable,
        "-c",
        "import sys; from tepei_admin.cli import main; sys.exit(main())",
        "init",
        "--no-input",
    ]
    env = {**os.environ, "TEPEI_DATA_DIR": str(tmp_path / "var")}
    subprocess.run(run, env=env, check=True, capture_output=True, umask=0o000)
    open_to_others = [
        path
        for path in (tmp_path / "var").rglob("*")
        if path.stat().st_mode & 0o007 and path.suffix != ".lock"
    ]
    assert open_to_others == [] and not (tmp_path / "var").stat().st_mode & 0o077


def test_doctor_lists_all_of_them(config: Config, tmp_path: Path, monkeypatch) -> None:
    from tepei_admin.cli import doctor

    mounts = tmp_path / "mountinfo"
    mounts.write_text(f"30 22 0:40 / {tmp_path} rw - nfs4 office:/export rw\n")
    monkeypatch.setattr(safeguards.findings, "__defaults__", (mounts,))
    monkeypatch.setenv("FLASK_DEBUG", "1")
    os.chmod(sqlite_file(config.database_url), 0o644)
    found = "\n".join(doctor.examine(Config(config.data_dir, config.database_url, "short")).findings)
    db.close()
    for word in ("FLASK_DEBUG", "太短", "chmod o-rwx", "nfs4"):
        assert word in found
