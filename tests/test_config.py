"""Settings: strict, one Chinese line for a wrong one."""

from __future__ import annotations

import os
import stat
import subprocess
import sys
from pathlib import Path

import pytest

from tepei_admin.config import Config, ConfigError, sqlite_file, sqlite_url


def test_nothing_set_is_a_house_of_its_own_in_var() -> None:
    config = Config.from_env({})
    assert config.database_url == "sqlite:///var/tepei.sqlite3"
    assert (config.idle_minutes, config.proxies, config.base_url, config.today) == (60, 0, None, None)


def test_the_database_lies_in_the_data_folder_unless_it_is_named() -> None:
    assert Config.from_env({"TEPEI_DATA_DIR": "/srv/t"}).database_url == "sqlite:////srv/t/tepei.sqlite3"
    url = "postgresql://me@db/tepei?sslmode=require"
    assert Config.from_env({"TEPEI_DATABASE_URL": url}).database_url == url


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("DATABASE_URL", "mysql://x"), ("DATABASE_URL", "sqlite:///"), ("SECRET_KEY", "short"), ("BASE_URL", "tepei.cn"),
        ("BASE_URL", "ftp://x"), ("BASE_URL", "https://x/path"), ("BASE_URL", "https://u@x"), ("BASE_URL", "https://x:99999"),
        ("PROXIES", "-1"), ("PROXIES", "many"), ("PROXIES", "²"), ("IDLE_MINUTES", "0"), ("IDLE_MINUTES", "99999"),
        ("FONT_DIR", "/no/such/folder"), ("TODAY", "2019-02-30"), ("TODAY", "yesterday"), ("UPLOAD_DAYS", "0"), ("UPLOAD_DAYS", "ever"),
    ],
)  # fmt: skip
def test_a_wrong_setting_is_refused_in_one_line_that_names_it(name: str, value: str) -> None:
    with pytest.raises(ConfigError) as refused:
        Config.from_env({f"TEPEI_{name}": value})
    assert f"TEPEI_{name}" in str(refused.value) and "\n" not in str(refused.value)


def test_a_file_gives_what_the_environment_does_not(tmp_path: Path) -> None:
    file = tmp_path / "tepei.toml"
    file.write_text('data_dir = "/srv/t"\nidle_minutes = 30\ntoday = 2019-12-27\n', encoding="utf-8")
    config = Config.from_env({"TEPEI_CONFIG": str(file), "TEPEI_IDLE_MINUTES": "15"})
    assert (str(config.data_dir), config.idle_minutes, str(config.today)) == ("/srv/t", 15, "2019-12-27")


@pytest.mark.parametrize(("text", "word"), [("nonsense = 1", "不认识的设置"), ("= 1", "TOML")])
def test_a_wrong_file_is_refused(text: str, word: str, tmp_path: Path) -> None:
    (tmp_path / "tepei.toml").write_text(text, encoding="utf-8")
    with pytest.raises(ConfigError, match=word):
        Config.from_env({"TEPEI_CONFIG": str(tmp_path / "tepei.toml")})


@pytest.mark.parametrize("name", ["tepei.sqlite3", "50%41.sqlite3", "学 员.sqlite3", ":memory:"])
def test_an_address_names_the_file_it_was_made_of(name: str, tmp_path: Path) -> None:
    assert sqlite_file(sqlite_url(tmp_path / name)) == tmp_path / name
    assert sqlite_file("sqlite:///var/a%20b.sqlite3") == Path("var/a b.sqlite3")
    assert sqlite_file("postgresql:///tepei") is None


def test_a_house_may_lie_in_a_folder_of_any_name(tmp_path: Path) -> None:
    """Everybody who looks for the file finds the same one."""
    folder = tmp_path / "50%41 off"
    run = [sys.executable, "-c", "import sys; from tepei_admin.cli import main; sys.exit(main())"]
    env = {**os.environ, "TEPEI_DATA_DIR": str(folder)}
    subprocess.run([*run, "init", "--no-input"], env=env, check=True, timeout=120)
    subprocess.run([*run, "unit", "list"], env=env, check=True, timeout=120, capture_output=True)
    assert (folder / "tepei.sqlite3").is_file()


def test_a_file_that_is_not_there_is_refused() -> None:
    with pytest.raises(ConfigError, match="读不出来"):
        Config.from_env({"TEPEI_CONFIG": "/no/such/file.toml"})


def test_the_secret_is_made_once_for_its_owner_only(tmp_path: Path) -> None:
    config = Config(tmp_path / "new")
    secret = config.secret()
    path = tmp_path / "new" / "secret.key"
    assert len(secret) >= 32 and stat.S_IMODE(path.stat().st_mode) == 0o600
    assert config.secret() == secret == Config(tmp_path / "new").secret()


@pytest.mark.skipif(os.name != "posix", reason="modes are POSIX's")
def test_a_secret_that_others_can_read_is_refused(tmp_path: Path) -> None:
    Config(tmp_path).secret()
    (tmp_path / "secret.key").chmod(0o644)
    with pytest.raises(ConfigError, match="chmod 600"):
        Config(tmp_path).secret()


def test_the_settings_load_no_database_driver() -> None:
    """psycopg costs 180 ms that SQLite does not need."""
    code = (
        "import sys; from tepei_admin.config import Config; assert 'peewee' not in sys.modules;"
        "Config(database_url='sqlite:///x').quick_driver(); import peewee;"
        "assert sys.modules.get('psycopg') is None"
    )
    subprocess.run([sys.executable, "-c", code], check=True, timeout=60)
