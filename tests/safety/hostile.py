"""Files that would take a server down, and ordinary ones that look like them; each made here."""

from __future__ import annotations

import io
import itertools
import struct
import zipfile
import zlib
from collections.abc import Callable, Iterable

from tests.exchange import making
from tests.exchange.making import HEADER, person

LINE = ["单位（盖章）：赤峰市人力资源和社会保障局"]
SHEET = "xl/worksheets/sheet1.xml"
LAST = 1_048_576


def people(count: int = 2) -> bytes:
    return making.xlsx([LINE, HEADER, *(person(serial) for serial in range(1, count + 1))])


def with_part(name: str, *chunks: bytes, data: bytes | None = None) -> bytes:
    """A sound workbook with one part exchanged."""
    out = io.BytesIO()
    with (
        zipfile.ZipFile(io.BytesIO(data or people())) as old,
        zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED, compresslevel=1) as new,
    ):
        for part in old.namelist():
            if part != name:
                new.writestr(part, old.read(part))
        with new.open(name, "w") as target:
            for chunk in chunks:
                target.write(chunk)
    return out.getvalue()


def sheet_xml(data: bytes) -> bytes:
    with zipfile.ZipFile(io.BytesIO(data)) as book:
        return book.read(SHEET)


def with_rows(rows: Iterable[bytes]) -> bytes:
    """The workbook of two people with these rows below them."""
    before, after = sheet_xml(people()).split(b"</sheetData>")
    return with_part(SHEET, before, *rows, b"</sheetData>" + after)


def corner() -> bytes:
    """Two people, and one cell in the last corner: the whole rectangle would be reserved for it."""
    book = making.workbook([LINE, HEADER, person(1), person(2)])
    book.active["XFD1048576"] = "x"
    return making.saved(book)


def formats_to_the_last_row() -> bytes:
    """Three formatted columns down to the end: what a border on a whole column makes."""
    rows = (
        b'<row r="%d" ht="20"><c r="A%d" s="0"/><c r="B%d" s="0"/><c r="C%d" s="0"/></row>' % (at, at, at, at)
        for at in range(20, LAST + 1)
    )
    return with_rows(rows)


def million_rows() -> bytes:
    rows = (b'<row r="%d"><c r="A%d"><v>1</v></c></row>' % (at, at) for at in range(20, LAST + 1))
    return with_rows(rows)


def bomb(size: int = 2 << 30) -> bytes:
    """About 2 MB that unzip to `size` bytes of noughts; the directory says so."""
    block, packer = 1 << 24, zlib.compressobj(9, zlib.DEFLATED, -15)
    packed = packer.compress(b"0" * block) + packer.flush(zlib.Z_FULL_FLUSH)
    return _archive(SHEET, packed * (size // block) + b"\x03\x00", size)


def liar() -> bytes:
    """The same, but the directory tells of 100 bytes."""
    packed = zlib.compressobj(9, zlib.DEFLATED, -15)
    return _archive(SHEET, packed.compress(b"0" * (1 << 26)) + packed.flush(), 100)


def _archive(name: str, packed: bytes, size: int) -> bytes:
    """An archive of a sound workbook's other parts, and this one as it is told."""
    whole = with_part("xl/placeholder", b"")
    start = len(whole) - 22
    files, at = (
        struct.unpack("<H", whole[start + 10 : start + 12])[0],
        struct.unpack("<I", whole[start + 16 : start + 20])[0],
    )
    common = struct.pack("<HHHHHIIIHH", 20, 0, 8, 0, 0, 0, len(packed), size, len(name), 0)
    local = b"PK\x03\x04" + common + name.encode() + packed
    entry = (
        b"PK\x01\x02" + struct.pack("<H", 20) + common + struct.pack("<HHHII", 0, 0, 0, 0, at) + name.encode()
    )
    directory = whole[at:start].replace(SHEET.encode(), SHEET.replace("1", "9").encode()) + entry
    end = struct.pack("<IHHHHIIH", 0x06054B50, 0, 0, files + 1, files + 1, len(directory), at + len(local), 0)
    return whole[:at] + local + directory + end


def entities() -> bytes:
    """A thousand million laughs."""
    names = ["lol", *(f"lol{number}" for number in range(1, 10))]
    lines = ['<!ENTITY lol "lol">']
    lines += [f'<!ENTITY {new} "{f"&{old};" * 10}">' for old, new in itertools.pairwise(names)]
    xml = f'<?xml version="1.0"?><!DOCTYPE lolz [{"".join(lines)}]><sst><si><t>&lol9;</t></si></sst>'
    return with_part("xl/sharedStrings.xml", xml.encode())


def outside_entity() -> bytes:
    xml = '<?xml version="1.0"?><!DOCTYPE x [<!ENTITY e SYSTEM "file:///etc/passwd">]><sst><si><t>&e;</t></si></sst>'
    return with_part("xl/sharedStrings.xml", xml.encode())


def hidden_document_type() -> bytes:
    """Behind a long comment and in UTF-16, where a search for its bytes finds nothing."""
    xml = f"<!--{' ' * 9000}--><!DOCTYPE x><sst/>"
    return with_part("xl/sharedStrings.xml", b"\xff\xfe" + xml.encode("utf-16-le"))


def nested() -> bytes:
    """A zip of zips."""
    inner = b"0" * (1 << 24)
    for level in range(4):
        out = io.BytesIO()
        with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as archive:
            for number in range(8):
                archive.writestr(f"{level}-{number}.zip", inner)
        inner = out.getvalue()
    return inner


def wrong_sum() -> bytes:
    """One byte of a part is not what its check sum says."""
    out = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(people())) as old, zipfile.ZipFile(out, "w", zipfile.ZIP_STORED) as new:
        for part in old.namelist():
            new.writestr(part, old.read(part))
    return out.getvalue().replace("王伟".encode(), "王强".encode(), 1)


def repeated_text() -> bytes:
    """A long text in a shared table, named by every cell."""
    strings = b"<sst><si><t>" + b"x" * 32_000 + b"</t></si></sst>"
    row = b"".join(b'<c t="s"><v>0</v></c>' for _ in range(500))
    rows = b"".join(b'<row r="%d">%s</row>' % (at, row) for at in range(1, 1000))
    return with_part(
        SHEET,
        b"<worksheet><sheetData>",
        rows,
        b"</sheetData></worksheet>",
        data=with_part("xl/sharedStrings.xml", strings),
    )


def merged_over_and_over() -> bytes:
    """Each of many merged ranges counts for fifty thousand rows."""
    rows = b"".join(b'<row r="%d"><c r="B%d"><v>1</v></c></row>' % (at, at) for at in range(2, 40_001))
    spans = b'<mergeCell ref="A1:A1048576"/>' * 200_000
    xml = (
        b"<worksheet><sheetData><row r='1'><c r='A1'><v>1</v></c></row>"
        + rows
        + b"</sheetData><mergeCells>"
        + spans
    )
    return with_part(SHEET, xml, b"</mergeCells></worksheet>")


def deep() -> bytes:
    return with_part(SHEET, b"<a>" * 1_000_000)


def endless_elements() -> bytes:
    return with_part(SHEET, b"<worksheet>", b"<a/>" * 30_000_000, b"</worksheet>")


def slow_texts() -> bytes:
    """What a careless pattern takes hours for."""
    texts = ["'" * 32_000 + "x", "1" * 32_000, "单位：" + " " * 32_000 + "x", "a" + " " * 32_000 + "b"]
    return making.xlsx([LINE, HEADER, *([text] * len(HEADER) for text in texts), person(1)])


def wide_text() -> bytes:
    """A text file of one record with millions of fields."""
    return f"{LINE[0]}\n{','.join(HEADER)}\n".encode() + "1,王伟,".encode() * 2_000_000


FILES: dict[str, tuple[Callable[[], bytes], str]] = {
    # name: (maker, a word of the answer; "" where it is an ordinary file)
    "one cell in the last corner": (corner, ""),
    "formats down to the last row": (formats_to_the_last_row, ""),
    "a million rows": (million_rows, "表格超过 50000 行"),
    "2 MB that unzip to 2 GB": (bomb, "内容过多"),
    "a directory that lies": (liar, "已损坏或不完整"),
    "a thousand million laughs": (entities, "不该有的内容"),
    "an entity from outside": (outside_entity, "不该有的内容"),
    "a document type that hides": (hidden_document_type, "不该有的内容"),
    "a zip of zips": (nested, "压缩包"),
    "a wrong check sum": (wrong_sum, "已损坏或不完整"),
    "cut off": (lambda: people()[:2000], "已损坏或不完整"),
    "a web page": (lambda: b"<html><table><tr><td>x</td></tr></table></html>", "网页而不是表格"),
    "one long text named by every cell": (repeated_text, "内容过多"),
    "merged over and over": (merged_over_and_over, "内容过多"),
    "a million levels": (deep, "已损坏或不完整"),
    "elements without end": (endless_elements, "内容过多|内存或时间"),
    "texts that a careless pattern takes hours for": (slow_texts, ""),
    "millions of fields in a record": (wide_text, ""),
    "an encrypted workbook": (lambda: making.compound("EncryptedPackage", b"x"), "打开密码"),
    "noise": (lambda: making.xls([HEADER, person(1)])[:1500] + bytes(range(256)) * 40, "已损坏或不完整"),
}
