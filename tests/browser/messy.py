"""A table as a league really sends it: a title, a unit line, a header in two rows, a column that nobody knows by its
name, destroyed and doubled numbers, a hidden row, totals and a signature."""

from __future__ import annotations

from pathlib import Path

from tests.exchange.making import id_number, saved, workbook

OLD = "150102850315991"


def league_table(path: Path, strange: str = "公民证件编码") -> Path:
    """Write the table, with a strange name over the ID numbers. Rows 6 to 13 are people; 4 and 5 are the header."""
    book = workbook([
        ["2019年度学员汇总表（区外）"],
        ["单位（盖章）：赤峰市人力资源和社会保障局", *[None] * 6, "填报日期：2019年3月20日"],
        [],
        ["序号", "姓 名", "性别", "民族", "出生年月\n（如1985.03）", strange, "学历", "学位", "专业技术\n职务", "从事专业\n时间",
         "工作单位", "联系方式", None, "QQ号"],
        [None] * 11 + ["手机", "办公", None],
        _person(1, "那仁 高娃", id_number(902), 性别="女"),
        _person(2, "敖・强", id_number(903), 出生年月="198503", 联系="138-0000-0903"),
        _person(3, "苏日娜", OLD),
        _person(4, "白永福", id_number(905), 民族="火星族"),
        _person(5, "王伟", 1.50102198503159e17),
        _person(6, "赵海燕", id_number(907), 职务="首席专家"),
        _person(7, "孟和", id_number(909)),
        _person(8, "孟 和", id_number(909), 学历="大学本科"),
        ["合计", "8人"],
        ["填表人：李某    审核人：张某"],
    ])  # fmt: skip
    sheet = book.active
    for span in ("A1:N1", "L4:M4", "N4:N5", *(f"{column}4:{column}5" for column in "ABCDEFGHIJK")):
        sheet.merge_cells(span)
    sheet.row_dimensions[11].hidden = True
    path.write_bytes(saved(book))
    return path


def _person(serial: int, name: str, number: object, **changes: str) -> list[object]:
    values = {
        "性别": "男", "民族": "蒙古族", "出生年月": "1985.03", "学历": "硕士研究生", "学位": "硕士", "职务": "副教授", "联系": "13800000991",
    } | changes  # fmt: skip
    return [
        serial, name, values["性别"], values["民族"], values["出生年月"], number, values["学历"], values["学位"], values["职务"],
        "2008.07", "赤峰学院", values["联系"], "0476-8810991", f"10{serial}",
    ]  # fmt: skip
