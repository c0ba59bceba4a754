from __future__ import annotations

import struct

import pytest

from tepei_admin import fonts
from tepei_admin.errors import RuleViolation
from tepei_admin.messages import say_all


def cmap4(*segments: tuple[int, int, int]) -> bytes:
    """A character map of format 4 from (first, last, delta), closed as the format asks."""
    every = (*segments, (0xFFFF, 0xFFFF, 1))
    ends, starts, deltas = (struct.pack(f">{len(every)}H", *column) for column in (
        [last for _, last, _ in every], [first for first, _, _ in every], [delta & 0xFFFF for *_, delta in every],
    ))  # fmt: skip
    body = ends + b"\0\0" + starts + deltas + bytes(2 * len(every))
    return struct.pack(">7H", 4, 14 + len(body), 0, 2 * len(every), 0, 0, 0) + body


def cmap12(*groups: tuple[int, int, int]) -> bytes:
    body = b"".join(struct.pack(">LLL", *group) for group in groups)
    return struct.pack(">HHLLL", 12, 0, 16 + len(body), 0, len(groups)) + body


def font(*tables: tuple[int, int, bytes], at: int = 0) -> bytes:
    """A font file with nothing but its character map, as it stands at `at` in a file."""
    head, offset, body = b"", 4 + 8 * len(tables), b""
    for platform, encoding, table in tables:
        head += struct.pack(">HHL", platform, encoding, offset + len(body))
        body += table
    cmap = struct.pack(">HH", 0, len(tables)) + head + body
    start = at + 12 + 16
    return (
        struct.pack(">4sHHHH", b"OTTO", 1, 0, 0, 0)
        + struct.pack(">4sLLL", b"cmap", 0, start, len(cmap))
        + cmap
    )


@pytest.fixture
def office(tmp_path, monkeypatch):
    monkeypatch.setattr(fonts, "extra", tmp_path)
    return tmp_path


@pytest.mark.parametrize("char", "王䶮㛃𬭎·巴“”—A9　")
def test_noto_has_what_names_need(char):
    assert fonts.missing_glyphs(char) == ()


@pytest.mark.parametrize("char", ["𠮷", "ᠮ", "\ud800", "\u202e", "\0", "\n", "😀"])
def test_noto_lacks(char):
    assert fonts.missing_glyphs(f"王{char}") == (char,)


def test_each_missing_character_is_named_once_in_order():
    assert fonts.missing_glyphs("ᠮ王𠮷𠮷明ᠮ") == ("ᠮ", "𠮷")


def test_joiners_and_spaces_need_no_glyph():
    assert fonts.missing_glyphs("王 明\u200d\u180e\u202f\u180b") == ()


def test_a_refusal_names_person_part_and_character():
    with pytest.raises(RuleViolation) as refusal:
        fonts.ensure_printable(
            [("𠮷田", "姓名", "𠮷田"), ("王明", "姓名", "王明"), ("李四", "培养单位", "ᠮ大学")]
        )
    said = say_all(refusal.value)
    assert "𠮷田的姓名中有字体里没有的字：𠮷（U+20BB7）" in said
    assert "李四的培养单位中有字体里没有的字：ᠮ（U+182E）" in said
    assert "王明" not in said


def test_a_character_that_shows_nothing_is_named_by_number():
    with pytest.raises(RuleViolation) as refusal:
        fonts.ensure_printable([("王\ud800", "姓名", "王\ud800")])
    assert say_all(refusal.value).encode()
    assert "U+D800" in say_all(refusal.value)


def test_the_offices_own_font_counts(office):
    (office / "more").mkdir()
    (office / "more" / "rare.ttf").write_bytes(font((3, 10, cmap12((0x20BB7, 0x20BB7, 1)))))
    assert fonts.missing_glyphs("𠮷ᠮ") == ("ᠮ",)


def test_every_font_of_a_collection_counts(office):
    first = font((0, 3, cmap4((0x1820, 0x1830, 0))), at=20)
    second = font((3, 10, cmap12((0x20BB7, 0x20BB8, 7))), at=20 + len(first))
    (office / "both.TTC").write_bytes(
        b"ttcf" + struct.pack(">LLLL", 0x10000, 2, 20, 20 + len(first)) + first + second
    )
    assert fonts.missing_glyphs("𠮷ᠮ") == ()


@pytest.mark.parametrize(
    "table",
    [cmap4((0x182D, 0x182F, -0x182E)), cmap12((0x182E, 0x182E, 0))],
    ids=["format 4", "format 12"],
)
def test_a_character_that_points_to_no_glyph_is_missing(office, table):
    (office / "hollow.ttf").write_bytes(font((3, 10, table)))
    assert fonts.missing_glyphs("ᠮ") == ("ᠮ",)


@pytest.mark.parametrize(
    "content",
    [b"", b"OTTO", b"ttcf" + b"\xff" * 40, font((3, 10, cmap12((0, 0xFFFFFFFF, 1)))), font((3, 1, b"\0\4"))],
    ids=["empty", "cut", "wild", "beyond Unicode", "table cut"],
)
def test_a_damaged_font_is_passed_over(office, content):
    (office / "bad.otf").write_bytes(content)
    assert fonts.missing_glyphs("王𠮷") == ("𠮷",)
