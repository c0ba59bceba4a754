"""The `tepei-admin` command. Exit status: 0 done; 1 refused, or something for a person to look at; 2 wrong call."""

from __future__ import annotations

import json
import logging
import secrets
import sys
from collections.abc import Sequence
from typing import Any

from tepei_admin.config import Config, ConfigError


def main(arguments: Sequence[str] | None = None) -> int:
    """Run one command; its exit status. No traceback for anything that a user can cause."""
    from tepei_admin.cli.parser import parser

    options = parser().parse_args(arguments)
    try:
        config = Config.from_env()
    except ConfigError as error:
        print(error, file=sys.stderr)
        return 2
    config.quick_driver()
    return _run(options, config)


def _run(options: Any, config: Config) -> int:
    from tepei_admin.cli import doors
    from tepei_admin.errors import Refusal
    from tepei_admin.messages import say_all

    try:
        return doors.call(options, config)
    except Refusal as refusal:
        text = say_all(refusal)
        if getattr(options, "json", False):
            print(json.dumps({"error": {"code": refusal.violations[0].code, "text": text}}, ensure_ascii=False))
        else:
            print(text, file=sys.stderr)
        return 1
    except doors.WrongCall as error:
        print(error, file=sys.stderr)
        return 2
    except KeyboardInterrupt:
        return 130
    except Exception:
        return _unforeseen(config)


def _unforeseen(config: Config) -> int:
    """An error of ours: a reference number on the screen, the trace in the log."""
    number = secrets.token_hex(4)
    config.data_dir.mkdir(parents=True, exist_ok=True)
    handler = logging.FileHandler(config.data_dir / "tepei.log", encoding="utf-8")
    log = logging.getLogger("tepei_admin.cli")
    log.addHandler(handler)
    log.propagate = False
    log.exception("unforeseen error %s", number)
    log.removeHandler(handler)
    handler.close()
    print(f"程序出错，编号 {number}，详情见 {config.data_dir / 'tepei.log'}", file=sys.stderr)
    return 1
