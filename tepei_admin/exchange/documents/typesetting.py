"""The one door to typst: a template of this folder, data as JSON, bytes of a PDF."""

from __future__ import annotations

import json
from functools import cache
from pathlib import Path
from threading import Lock
from typing import Any

from tepei_admin.exchange.documents import fonts

TEMPLATES = Path(__file__).parent
_one_at_a_time = Lock()  # a compiler belongs to one thread at a time


def typeset(template: str, data: Any) -> bytes:
    """Set `data` by a template. Text is data all the way: no value is ever read as markup or as a path."""
    inputs = {"data": json.dumps(data, ensure_ascii=False)}
    with _one_at_a_time:
        compiler = _compiler(template, tuple(fonts.folders()))
        return bytes(compiler.compile(format="pdf", sys_inputs=inputs, pdf_tags=False))


@cache
def _compiler(template: str, where: tuple[Path, ...]) -> Any:
    import typst

    return typst.Compiler(TEMPLATES / template, root=TEMPLATES, font_paths=_fonts(where), ignore_system_fonts=True)


@cache
def _fonts(where: tuple[Path, ...]) -> Any:
    import typst

    return typst.Fonts(
        include_system_fonts=False, include_embedded_fonts=False, font_paths=[str(folder) for folder in where]
    )


def families() -> frozenset[str]:
    """The font families at hand, by which a paper chooses its faces."""
    with _one_at_a_time:
        return frozenset(_fonts(tuple(fonts.folders())).families())
