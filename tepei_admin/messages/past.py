"""Sentences: the list of 往年学员."""

MESSAGES = {
    "import.past.no_year": "名单中没有“年度”列，请补上这一列，或在导入时填写全表的年度",
    "import.past.year_missing": "年度为空，请填写四位年份，如 2017",
    "import.past.year_unclear": "年度“{value}”不是已经过去的四位年份，请填写如 2017",
    "import.past.outcome_missing": "结果为空，请填写其一：已结业、考核未通过、已终止、无故未报到、已取消资格、申报未录取",
    "import.past.outcome_unknown": "结果“{value}”无法识别{near}，请填写其一：{known}",
    "import.past.outcome_normalised": "结果“{value}”已规范为 {stored}",
    "import.past.other_name": "姓名“{value}”与同一身份证号的记录（{other}）不同，按本表保存，请核对是否同一人",
    "import.past.year_kept_here": "{year} 年度由本系统办理，其中没有此人，请核对年度",
    "import.past.year_not_past": "{year} 年度不早于本系统的 {newest} 年度，往年学员只登记以前的年度，请改正年度",
    "import.past.in_panel": "此人 {year} 年度已在本系统中（{unit}，{status}），不必再登记，请从名单中删去",
    "import.past.not_yours": "往年学员由主管部门登记，单位经办不能导入",
}
