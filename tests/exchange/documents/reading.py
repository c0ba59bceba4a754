"""What a PDF says, page by page, without spaces and line ends."""

from __future__ import annotations

import io

from pypdf import PdfReader


def pages(pdf: bytes) -> list[str]:
    return ["".join(page.extract_text().split()) for page in PdfReader(io.BytesIO(pdf)).pages]


def lines(pdf: bytes, page: int) -> list[str]:
    return PdfReader(io.BytesIO(pdf)).pages[page].extract_text().splitlines()


def fonts(pdf: bytes) -> dict[str, bool]:
    """The fonts of the first page by name, and whether each is embedded."""
    found = {}
    for font in PdfReader(io.BytesIO(pdf)).pages[0]["/Resources"]["/Font"].values():
        inner = font.get_object()["/DescendantFonts"][0].get_object()
        found[str(inner["/BaseFont"])] = "/FontFile3" in inner["/FontDescriptor"].get_object()
    return found
