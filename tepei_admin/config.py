"""The settings, read once at start from the environment or a TOML file. A wrong one is refused in one line."""

from __future__ import annotations

import datetime as dt
import os
import secrets
import sys
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import unquote, urlsplit

PREFIX = "TEPEI_"
NAMES = (
    "DATA_DIR", "DATABASE_URL", "SECRET_KEY", "BASE_URL", "PROXIES", "IDLE_MINUTES", "FONT_DIR", "PG_BIN", "TODAY",
    "UPLOAD_DAYS",
)  # fmt: skip
SHORTEST_SECRET = 32


SQLITE = "sqlite:///"


def sqlite_file(url: str) -> Path | None:
    """The file that an address of SQLite names; None for another database's."""
    return Path(unquote(url.removeprefix(SQLITE))) if url.startswith(SQLITE) else None


def sqlite_url(path: Path) -> str:
    """The address of a SQLite file, whatever letters are in its name."""
    return SQLITE + str(path).replace("%", "%25")


class ConfigError(Exception):
    """A setting that cannot be used. The text is one Chinese line that says what to do."""


@dataclass(frozen=True)
class Config:
    """How this house is run. `secret_key` None: made once and kept in the data directory."""

    data_dir: Path = Path("var")
    database_url: str = ""
    secret_key: str | None = None
    base_url: str | None = None
    proxies: int = 0
    idle_minutes: int = 60
    font_dir: Path | None = None
    pg_bin: Path | None = None
    today: dt.date | None = None
    upload_days: int = 30
    """How long a file that came in for import and was never stored is kept."""

    def __post_init__(self) -> None:
        if not self.database_url:
            object.__setattr__(self, "database_url", sqlite_url(self.data_dir / "tepei.sqlite3"))

    @classmethod
    def from_env(cls, environ: Mapping[str, str] = os.environ) -> Config:
        """Environment first, then the file that `TEPEI_CONFIG` names, then the defaults."""
        given = _file(environ.get(PREFIX + "CONFIG", ""))
        given |= {name: environ[PREFIX + name] for name in NAMES if environ.get(PREFIX + name)}
        return cls(
            data_dir=Path(given.get("DATA_DIR", "var")),
            database_url=_database_url(given.get("DATABASE_URL", "")),
            secret_key=_secret(given.get("SECRET_KEY")),
            base_url=_base_url(given.get("BASE_URL")),
            proxies=_number("PROXIES", given.get("PROXIES", "0"), 0, 10),
            idle_minutes=_number("IDLE_MINUTES", given.get("IDLE_MINUTES", "60"), 1, 24 * 60),
            font_dir=_folder("FONT_DIR", given.get("FONT_DIR")),
            pg_bin=_folder("PG_BIN", given.get("PG_BIN")),
            today=_day("TODAY", given.get("TODAY")),
            upload_days=_number("UPLOAD_DAYS", given.get("UPLOAD_DAYS", "30"), 1, 3650),
        )

    @property
    def audit_head(self) -> Path:
        """Where the last hash of the history is also kept."""
        return self.data_dir / ("demo.head" if self._demo else "audit.head")

    @property
    def backups(self) -> Path:
        """Where backups lie."""
        return self.data_dir / ("demo-backups" if self._demo else "backups")

    @property
    def _demo(self) -> bool:
        """The demo's database lies beside the house's, and so does what belongs to it."""
        return self.database_url.rpartition("/")[2].startswith("demo.sqlite3")

    def quick_driver(self) -> None:
        """Call before peewee is imported: it loads psycopg by itself (180 ms), needed for PostgreSQL only."""
        if not self.database_url.startswith("postgres"):
            sys.modules.setdefault("psycopg", None)  # type: ignore[arg-type]

    def secret(self) -> str:
        """The key that signs sessions; made at the first start, readable by its owner only."""
        if self.secret_key:
            return _secret(self.secret_key) or ""
        path = self.data_dir / "secret.key"
        self.data_dir.mkdir(parents=True, exist_ok=True, mode=0o700)
        try:
            handle = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
        except FileExistsError:
            return _stored_secret(path)
        with os.fdopen(handle, "w", encoding="ascii") as file:
            file.write(made := secrets.token_urlsafe(48))
        return made


def _stored_secret(path: Path) -> str:
    if os.name == "posix" and path.stat().st_mode & 0o077:
        raise ConfigError(f"{path} 能被其他用户读取，请运行 chmod 600 {path}")
    return _secret(path.read_text(encoding="ascii").strip(), str(path)) or ""


def _file(path: str) -> dict[str, str]:
    if not path:
        return {}
    try:
        values = tomllib.loads(Path(path).read_text(encoding="utf-8"))
    except OSError as error:
        raise ConfigError(f"TEPEI_CONFIG 所指的文件 {path} 读不出来：{error.strerror}") from None
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise ConfigError(f"TEPEI_CONFIG 所指的文件 {path} 不是正确的 TOML：{error}") from None
    given = {name.upper().removeprefix(PREFIX): str(value) for name, value in values.items()}
    if unknown := sorted(given.keys() - set(NAMES)):
        raise ConfigError(f"{path} 中有不认识的设置：{'、'.join(unknown)}；可用：{'、'.join(NAMES)}")
    return given


def _database_url(url: str) -> str:
    if not url or url.startswith(("postgresql://", "postgres://")):
        return url
    if sqlite_file(url) is not None and url != SQLITE:
        return url
    raise ConfigError("TEPEI_DATABASE_URL 应为 sqlite:///路径 或 postgresql://…")


def _secret(value: str | None, name: str = "TEPEI_SECRET_KEY") -> str | None:
    if value is not None and len(value) < SHORTEST_SECRET:
        raise ConfigError(f"{name} 太短，至少要 {SHORTEST_SECRET} 个字符；不设则自动生成")
    return value


def _base_url(value: str | None) -> str | None:
    if value is None:
        return None
    try:
        parts = urlsplit(value)
        sound = parts.scheme in ("http", "https") and bool(parts.hostname) and (parts.port or 1) > 0
    except ValueError:
        sound = False
    if not sound or parts.path.strip("/") or parts.query or parts.fragment or parts.username:
        raise ConfigError(f"TEPEI_BASE_URL 应为 http(s)://主机[:端口]，所给“{value}”不是")
    return value.rstrip("/")


def _number(name: str, value: str, least: int, most: int) -> int:
    if not (value.isascii() and value.isdigit() and least <= int(value[:9]) <= most):
        raise ConfigError(f"TEPEI_{name} 应为 {least} 至 {most} 的整数，所给“{value}”不是")
    return int(value)


def _folder(name: str, value: str | None) -> Path | None:
    if value is not None and not Path(value).is_dir():
        raise ConfigError(f"TEPEI_{name} 所指的文件夹 {value} 不存在")
    return Path(value) if value is not None else None


def _day(name: str, value: str | None) -> dt.date | None:
    try:
        return dt.date.fromisoformat(value) if value else None
    except ValueError:
        raise ConfigError(f"TEPEI_{name} 应为日期（如 2019-12-27），所给“{value}”不是") from None
