"""The `tepei-admin` command. Exit status: 0 done; 1 refused, or something for a person to look at; 2 wrong call."""

from __future__ import annotations

import io
import logging
import os
import secrets
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from tepei_admin import logs
from tepei_admin.config import Config, ConfigError


class WrongCall(Exception):
    """The command's words do not go together; exit status 2."""


def main(arguments: Sequence[str] | None = None) -> int:
    """Run one command; its exit status. No traceback for anything that a user can cause."""
    from tepei_admin.cli.parser import parser

    logs.install()
    _speak_utf8()
    try:
        options = parser().parse_args(_readable(sys.argv[1:] if arguments is None else arguments))
        config = Config.from_env()
    except SystemExit as end:  # argparse has said why
        return end.code if isinstance(end.code, int) else 2
    except (ConfigError, WrongCall) as error:
        print(error, file=sys.stderr)
        return 2
    config.quick_driver()  # before peewee is imported
    return _run(options, config)


def _run(options: Any, config: Config) -> int:
    from tepei_admin.cli import doors
    from tepei_admin.errors import Refusal

    try:
        status = doors.call(options, config)
        sys.stdout.flush()
        return status
    except Refusal as refusal:
        _refuse(refusal, json=getattr(options, "json", False))
        return 1
    except (ConfigError, WrongCall) as error:
        print(error, file=sys.stderr)
        return 2
    except KeyboardInterrupt:
        return 130
    except BrokenPipeError:  # the reader has had enough: `tepei-admin trainees … | head`
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return 1
    except Exception:
        return _unforeseen(config)


def _refuse(refusal: Any, *, json: bool) -> None:
    from tepei_admin.cli.printing import show
    from tepei_admin.messages import say_all

    text = say_all(refusal)
    if json:
        show({"error": {"code": refusal.violations[0].code, "text": text}})
    else:
        print(text, file=sys.stderr)


def _unforeseen(config: Config) -> int:
    """An error of ours: a reference number on the screen, the trace in the log."""
    number, path = secrets.token_hex(4), config.data_dir / "tepei.log"
    handler = _kept_in(path)
    handler.setFormatter(logging.Formatter("%(asctime)s %(levelname)s %(message)s"))
    log = logging.getLogger("tepei_admin.cli")
    log.propagate = False
    log.addHandler(handler)
    log.exception("unforeseen error %s", number)
    log.removeHandler(handler)
    handler.close()
    print(f"程序出错，没有完成；编号 {number}，详情在 {path}", file=sys.stderr)
    return 1


def _kept_in(path: Path) -> logging.Handler:
    """The log, which is its owner's alone; in sight where it cannot be kept."""
    try:
        path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
        os.close(os.open(path, os.O_WRONLY | os.O_CREAT, 0o600))
        return logging.FileHandler(path, encoding="utf-8")
    except OSError:
        return logging.StreamHandler()


def _speak_utf8() -> None:
    """Chinese comes out whole, whatever the machine's language is set to."""
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, io.TextIOWrapper) and stream.encoding.lower().replace("-", "") != "utf8":
            stream.reconfigure(encoding="utf-8")


def _readable(arguments: Sequence[str]) -> Sequence[str]:
    """The words of the call, if they are text."""
    for word in arguments:
        try:
            word.encode()
        except UnicodeEncodeError:
            raise WrongCall(f"参数 {word!a} 不是 UTF-8 文字") from None
    return arguments
