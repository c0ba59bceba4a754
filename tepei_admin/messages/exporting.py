"""Sentences: exporting."""

MESSAGES: dict[str, str] = {
    "export.unknown_template": "没有导出模板“{template}”；可用：{templates}",
    "export.other_track": "模板“{template}”只含{track}人员，不能用于类别“{asked}”",
    "export.unknown_format": "不能导出为“{format}”；可用：{formats}",
    "export.unknown_encoding": "不支持编码“{encoding}”；可用：{encodings}",
    "export.unknown_column": "模板“{template}”中的列“{column}”在“{resource}”中没有，请管理员修改模板",
    "export.cannot_write": "无法写入“{path}”：{why}",
    "export.cannot_encode": (
        "第 {row} 行 {who} 的“{column}”中有 {encoding} 没有的字 {char}，没有导出；请改用 UTF-8 或 XLSX，或更正此字"
    ),
    "export.cannot_encode_header": "列名中有 {encoding} 没有的字 {char}，没有导出；请改用 UTF-8 或 XLSX",
    "export.too_long": "第 {row} 行 {who} 的“{column}”超过 32767 个字，Excel 单元格放不下；请导出为 CSV",
    "export.too_many_rows": "超过 {rows} 行，Excel 工作表放不下；请缩小筛选范围或导出为 CSV",
}
