"""Passwords: asked for without showing them, or read from standard input."""

from __future__ import annotations

import getpass
import sys
from typing import Any

from tepei_admin.cli import WrongCall


def password(options: Any) -> str:
    """The first line of standard input with `--password-stdin`; else asked for, twice."""
    if options.password_stdin:
        return sys.stdin.readline().rstrip("\r\n")
    if not sys.stdin.isatty():
        raise WrongCall("没有终端可以询问口令；请用 --password-stdin 从标准输入给出")
    return asked()


def asked() -> str:
    """Typed twice, the same both times."""
    while True:
        first = getpass.getpass("口令：")
        if first == getpass.getpass("再输一次："):
            return first
        print("两次输入不一致，请重输", file=sys.stderr)
