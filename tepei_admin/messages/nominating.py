"""Sentences of an import that only the database can say: who is there already, what may still change."""

MESSAGES = {
    "import.unit.unknown": "无法确定选送单位：表中没有“单位所在盟市”列，表头上方也没有“单位（盖章）：…”；请在导入时选择单位",
    "import.unit.row_unknown": "{column}“{value}”不是报送单位{near}，无法确定选送单位；请改正，或在导入时选择单位",
    "import.unit.row_missing": "没有写明单位所在盟市，无法确定选送单位；请填写，或在导入时选择单位",
    "import.place.unknown": "{column}“{value}”不在自治区行政区划中{near}，未保存，请核对后填写全称",
    "import.place.completed": "{column}“{value}”已按 {stored} 保存",
    "import.place.elsewhere": "旗县“{value}”属于{own}，与单位所在盟市（{league}）不一致，请核对",
    "import.place.unit_unclear": (
        "旗县“{value}”不在自治区行政区划中{near}，而{league}境内有单独报送的市，无法确定选送单位；"
        "请改正旗县，或在导入时选择单位"
    ),
    "import.unit.differs": "表中所写单位或地区为 {said}，此人将存入 {unit}，请核对",
    "import.record.other_track": "此人已在{track}名单中（{unit}，批次 {batch}），同一年度只能申报一次；请从本表删去，要换类别请办理“调整”",
    "import.record.other_unit": "此人已由 {unit} 推荐（{track}，批次 {batch}），本表不能修改；请从本表删去，要换单位请办理“调整”",
    "import.record.gone": "此人现为“{status}”，导入本表不会使其重新申报，只能更新联系方式和银行信息；如需重新推荐请办理“恢复”",
    "import.record.too_late": "此人现为“{status}”，只能更新联系方式和银行信息，不能修改{column}（现为“{stored}”），请改回或留空",
    "import.record.recommended": "此人已推荐，保存后资格标为待重新核查（二），请随后核查",
    "import.record.attests": "补登单位签字盖章的证明（本表已盖章，四（二））",
    "import.record.changes": "{column}由“{stored}”改为“{new}”",
    "import.record.earlier": "此人往年参加过（{parts}），能否再次推荐待认定，请核对后提请特批",
    "import.record.applied_earlier": "此人往年申报过而未参加（{parts}），供参考",
    "import.record.name_changes": "身份证号相同而姓名不同（现为“{stored}”，本表“{new}”），请核对是否同一人",
    "import.changed_since_preview": "核对之后数据又有变化（{rows}），没有保存任何内容，请重新核对后再保存",
    "import.has_errors": "有 {count} 行错误，没有保存任何内容；可改正后重新导入，或只保存没有错误的行",
    "import.nothing_to_store": "没有可保存的行",
    "import.upload_gone": "这份文件已被清理，请重新上传",
    "import.typed.kept": "您填写的内容还在框中，尚未保存",
    "import.typed.beside": "第 {row} 行{column}现为“{now}”，您填的“{mine}”没有保存",
    "import.upload_revised": "这份文件刚被别人改正过，请看过新的核对结果再办理",
    "import.choice_not_yours": "只能为本单位记住列的对应",
    "import.already_stored": "这份文件已经保存，见批次 {batch}",
    "import.past_year": "{year} 年度不是最新年度，请确认年度后再导入",
}
