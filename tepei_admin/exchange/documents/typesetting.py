"""The one door to typst: a template of this folder, data as JSON, bytes of a PDF.

Run as a program it is the press for large jobs: one JSON on standard input, the PDF on standard output.
"""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Callable, Mapping
from functools import cache
from pathlib import Path
from threading import Lock
from typing import Any

from tepei_admin import fonts

TEMPLATES = Path(__file__).parent
LARGE = (
    60  # papers: typst remembers what it has set, 100 kB a page; beyond this a process of its own forgets it
)
PATIENCE = 300  # seconds

_one_at_a_time, _one_press = Lock(), Lock()


def typeset(template: str, papers: int, prepare: Callable[[], Mapping[str, Any]]) -> bytes:
    """Set so many papers by a template; `prepare` gives the data, while a press for many starts up.

    Text is data all the way: no value is ever read as markup or as a path.
    """
    if papers > LARGE:
        with _one_press:
            return _press(template, prepare)
    data = _json(prepare())
    with _one_at_a_time:
        return _compile(template, data)


def families() -> frozenset[str]:
    """The font families at hand, by which a paper chooses its faces."""
    with _one_at_a_time:
        return frozenset(_fonts(tuple(fonts.folders())).families())


def _json(data: Mapping[str, Any]) -> str:
    return json.dumps(data, ensure_ascii=False, separators=(",", ":"))


def _press(template: str, prepare: Callable[[], Mapping[str, Any]]) -> bytes:
    command = [
        sys.executable,
        "-m",
        __name__,
        template,
        *([str(fonts.extra.resolve())] if fonts.extra else []),
    ]
    pipe = subprocess.PIPE
    process = subprocess.Popen(command, stdin=pipe, stdout=pipe, stderr=pipe, cwd=TEMPLATES.parents[2])
    with process:
        try:
            printed, said = process.communicate(_json(prepare()).encode(), timeout=PATIENCE)
        except BaseException:
            process.kill()
            raise
    if process.returncode:
        raise RuntimeError(f"typst: {said.decode(errors='replace').strip()}")
    return printed


def _main(template: str, folder: str | None = None) -> None:
    fonts.extra = Path(folder) if folder else None
    _compiler(template, tuple(fonts.folders()))  # while the data are still being made
    sys.stdout.buffer.write(_compile(template, sys.stdin.buffer.read().decode()))


def _compile(template: str, data: str) -> bytes:
    compiler = _compiler(template, tuple(fonts.folders()))
    return bytes(compiler.compile(format="pdf", sys_inputs={"data": data}, pdf_tags=False))


@cache
def _compiler(template: str, where: tuple[Path, ...]) -> Any:
    import typst

    return typst.Compiler(
        TEMPLATES / template, root=TEMPLATES, font_paths=_fonts(where), ignore_system_fonts=True
    )


@cache
def _fonts(where: tuple[Path, ...]) -> Any:
    import typst

    return typst.Fonts(
        include_system_fonts=False, include_embedded_fonts=False, font_paths=[str(folder) for folder in where]
    )


if __name__ == "__main__":
    _main(*sys.argv[1:])
