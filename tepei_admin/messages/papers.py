"""Sentences: certificates and letters as PDF."""

MESSAGES: dict[str, str] = {
    "papers.nothing": "没有要打印的文书，请先选择人员",
    "papers.glyph_missing": (
        "{name}的{part}中有字体里没有的字：{characters}，没有打印；"
        "请核对此字，或请管理员把含有此字的字体放入 TEPEI_FONT_DIR 所指的文件夹"
    ),
    "papers.place_unknown": "文书文字中的 {place} 不是可填的位置；可用：{places}",
    "papers.brace": "文书文字“{line}”中的花括号不成对，请写成 {{name}} 的样子",
    "papers.line_alone": "{place} 须单独占一段，不能与其他文字同段：“{line}”",
    "papers.place_empty": "{name}：{label}尚未填写，而文书文字中要用到 {place}；请先填写，或在文字中删去",
    "papers.no_lines": "{name}：没有计算明细或应追缴金额不大于零，不能打印追缴通知书",
    "papers.name_not_in_text": "证书文字中没有 {place}，请加上姓名的位置",
}
