"""Sentences of an import that only the database can say: who is there already, what may still change."""

MESSAGES = {
    "import.unit.unknown": "无法确定选送单位：表中没有“单位所在盟市”列，表头上方也没有“单位（盖章）：…”；请在导入时选择单位",
    "import.unit.row_unknown": "{column}“{value}”不是报送单位，无法确定选送单位；请改正，或在导入时选择单位",
    "import.unit.not_yours": "此人的选送单位是 {unit}，您只能导入本单位的人员",
    "import.place.unknown": "{column}“{value}”不在自治区行政区划中，未保存，请核对",
    "import.record.other_track": "此人已在{track}名单中（{unit}，批次 {batch}），同一年度只能推荐一次；调整类别请办理“调整”",
    "import.record.other_unit": "此人已由 {unit} 推荐（{track}，批次 {batch}），本表不能修改；变更单位请办理“调整”",
    "import.record.gone": "此人已申报且现为“{status}”，如需重新推荐请先办理“恢复”",
    "import.record.too_late": "此人现为“{status}”，只能更新联系方式和银行信息，不能修改{column}（现为“{stored}”）",
    "import.record.recommended": "此人已推荐，修改后资格须重新核查",
    "import.record.attests": "补登单位签字盖章的证明（本表已盖章）",
    "import.record.changes": "{column}由“{stored}”改为“{new}”",
    "import.record.earlier": "往年记录：{parts}",
    "import.changed_since_preview": "核对之后数据又有变化（{rows}），没有保存任何内容，请重新核对后再保存",
    "import.has_errors": "有 {count} 行错误，没有保存任何内容；可改正后重新导入，或只保存没有错误的行",
    "import.nothing_to_store": "没有可保存的行",
    "import.upload_gone": "这份文件已被清理，请重新上传",
    "import.upload_revised": "这份文件刚被别人改正过，请看过新的核对结果再办理；您填写的内容已保留",
    "import.choice_not_yours": "只能为本单位记住列的对应",
    "import.already_stored": "这份文件已经保存，见批次 {batch}",
    "import.past_year": "{year} 年度不是最新年度，请确认年度后再导入",
}
