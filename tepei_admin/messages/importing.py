"""Sentences: importing. An error names the column, the value as written, and what to do."""

_DATE_FORMS = "可写为 1985-03-15、1985.3.15、1985年3月15日、19850315，或只写年月 1985-03、1985.03、198503"

MESSAGES: dict[str, str] = {
    # the whole file
    "import.lock_file": "“{file}”是 Excel 打开文件时的临时锁文件，请关闭 Excel 后上传不带“~$”的原文件",
    "import.empty_file": "“{file}”是空文件，请重新保存为 .xlsx 后上传",
    "import.wps_format": "“{file}”是 WPS 专有格式，请在 WPS 中另存为“Excel 文件（*.xlsx）”后上传",
    "import.packed": "“{file}”是压缩包，请解压后上传其中的表格文件",
    "import.open_document": "“{file}”是 OpenDocument 文件（如 .ods），请另存为“Excel 文件（*.xlsx）”后上传",
    "import.xml_table": "“{file}”是“XML 表格 2003”，请用 Excel 或 WPS 打开后另存为 .xlsx 再上传",
    "import.unsafe_xml": "文件中含有工作簿不该有的内容，请用 Excel 或 WPS 打开后另存为新的 .xlsx 再上传",
    "import.reader_died": "没能读完“{file}”（内存或时间不够，或读取被中断），请再试一次；仍不成功，请把汇总表单独复制到新的工作簿（人多的拆成几个文件），另存为 .xlsx 后上传",
    "import.html": "“{file}”内容是网页而不是表格，请用 Excel 或 WPS 打开后另存为 .xlsx 再上传",
    "import.unknown_type": "无法识别“{file}”的内容，请提供 .xlsx、.xls 或 CSV 格式的表格",
    "import.not_xlsx": "这不是标准的 Excel 工作簿（.xlsx），请在 Excel 或 WPS 中另存为 .xlsx 后上传",
    "import.damaged": "文件已损坏或不完整，请用 Excel 或 WPS 打开后另存为 .xlsx 再上传",
    "import.encrypted": "文件设有打开密码，请取消密码后另存为 .xlsx 再上传",
    "import.too_large": "文件内容过多（行或列太多），请只保留汇总表用到的行和列，仍然过多就拆成几个文件，另存为新的 .xlsx 后上传",
    "import.too_many_rows": "表格超过 {rows} 行，请拆分成几个文件后上传",
    "import.sheet_unread": "工作表“{sheet}”也有 {count} 行人员，未读；请单独另存为一个文件导入",
    "import.no_sheet": "工作簿中没有可见的工作表，请取消隐藏后另存为 .xlsx 再上传",
    "import.undecodable": (
        "第 {line} 行有无法识别的字符，整个文件没有导入，请用 Excel 或 WPS 打开，检查这一行后另存为 .xlsx 再上传"
    ),
    "import.csv_quote": "第 {line} 行起的引号没有成对，请补齐引号，或另存为 .xlsx 后上传",
    "import.csv_broken": "第 {line} 行的引号或换行有误，无法往下读，请用 Excel 打开检查后另存为 .xlsx 再上传",
    "import.header_not_found": "没有找到表头，请确认有一行写着列名，其中必须有：{looked_for}",
    "import.columns_missing": "表中缺少必需的列：{missing}（必须有：{looked_for}），请补上或改正列名",
    "import.columns_unknown": "还没有认出必需的列：{missing}，请先指明是哪一列",
    "import.column_twice": "有两列都对应“{column}”，请只留一列，其余选“不导入”",
    "import.no_errors": "这份文件没有错误的行",
    "import.unknown_field": "没有“{field}”这一栏",
    "import.no_person": "表中没有找到人员，已按表头 {looked_for} 查找，请检查表头下方是否有数据",
    # what a remedy may ask: a near match is offered, never taken
    "import.near": "（是否应为 {names}？）",
    "import.digits": "（现有 {count} 位）",
    # a large file at work
    "import.job.reading": "读取文件",
    "import.job.checking": "逐行核对",
    "import.job.keeping": "登记核对结果",
    "import.job.storing": "保存人员",
    "import.job.check_lost": "核对被中断，没有保存任何内容，请重新选择文件核对",
    "import.job.columns_lost": "重新核对被中断，列的对应没有改变，请再按一次“按此重新核对”",
    "import.job.store_lost": "保存被中断，没有保存任何人，请再按一次保存",
    "import.job.failed": "处理文件时程序出错，没有保存任何内容，请重试，仍不成功请联系管理员查看日志",
    # any cell
    "import.cell.error_value": "{column}“{value}”是公式错误值，请改为实际内容",
    "import.cell.formula_without_result": "{column}是没有计算结果的公式，请改为实际内容",
    "import.cell.picture": "{column}是图片而不是文字，请改为文字",
    "import.cell.corrected": "{column}已由“{value}”改正为“{corrected}”",
    "import.cell.too_long": "{column}有 {length} 个字，最多 {limit} 个字，请删减后重新填写",
    "import.cell.unreadable": "{column}“{value}”含有乱码，请按原文重新填写",
    "import.cell.normalised": "{column}“{value}”已规范为 {stored}",
    # name
    "import.name.missing": "姓名为空，请填写",
    "import.name.not_text": "姓名“{value}”不是文字，请按身份证填写",
    "import.name.spaces_removed": "姓名“{value}”中的空格已去除，存为“{stored}”",
    "import.name.characters_mapped": "姓名“{value}”中的自造字或形近字已换成标准字：{changed}",
    "import.name.dot_unified": "姓名“{value}”中的间隔号已统一，存为“{stored}”",
    "import.name.private_character": "姓名“{value}”含有自造字（{characters}），请按身份证用标准字重新输入",
    "import.name.unreadable": "姓名“{value}”含有“?”或乱码，生僻字已丢失，请按身份证重新输入",
    "import.name.no_letter": "姓名“{value}”中没有文字，请按身份证填写",
    "import.name.hyphen": "姓名“{value}”含有连字符，未作改动，与身份证一致吗？",
    "import.name.short": "姓名“{value}”只有一个字，与身份证一致吗？",
    "import.name.unusual": "姓名“{value}”含有数字、符号、拼音或说明，与身份证一致吗？",
    # ID number
    "import.id_number.missing": "身份证号为空，请填写 18 位号码",
    "import.id_number.stored_as_number": "身份证号“{value}”被 Excel 存成数值，后几位已丢失，请按文本重新填写",
    "import.id_number.fifteen": (
        "身份证号“{value}”是 15 位旧号码，请提供 18 位号码（按规则推算为 {suggestion}，须经本人核实）"
    ),
    "import.id_number.tail": "身份证号“{value}”是遮盖的号码，请填写完整的 18 位号码",
    "import.id_number.masked": "身份证号“{value}”有遮盖的数字，请填写完整的 18 位号码",
    "import.id_number.format": "身份证号“{value}”不是 18 位号码{near}，请核对后重新填写",
    "import.id_number.birth_impossible": "身份证号“{value}”中的出生日期不存在，请核对后重新填写",
    "import.id_number.birth_future": "身份证号“{value}”中的出生日期在将来，请核对后重新填写",
    "import.id_number.checksum": "身份证号“{value}”校验位不符，请核对后重新填写",
    "import.id_number.normalised": "身份证号“{value}”已规范为 {stored}",
    "import.id_number.zeros": "身份证号“{value}”末三位为 000，可能曾被 Excel 存成数值，请核对",
    "import.id_number.region_unknown": "身份证号“{value}”的地区代码 {region} 不在代码表中，仅供核对",
    "import.id_number.same_with_difference": (
        "身份证号“{value}”与第 {rows} 行相同而内容不同，请核对后只保留一行"
    ),
    "import.id_number.same_row": "与第 {rows} 行完全相同，已跳过",
    "import.id_number.same_as_shown": "隐藏行的身份证号“{value}”与第 {rows} 行相同，请核对",
    # sex, ethnicity, politics, track
    "import.sex.unknown": "性别“{value}”无法识别，请填写 男 或 女",
    "import.sex.normalised": "性别“{value}”已规范为 {stored}",
    "import.sex.differs_from_id": "性别“{value}”与身份证号（{number}）不一致，按表中填写保存，请核对",
    "import.ethnicity.missing": "民族为空，请填写民族全称，如 蒙古族",
    "import.ethnicity.two": "民族“{value}”写了两个民族，请只填写身份证上的一个，如 蒙古族",
    "import.ethnicity.unknown": (
        "民族“{value}”不在国家标准的 56 个民族之内{near}，请填写民族全称；未识别民族（如穿青人）请填写 其他"
    ),
    "import.ethnicity.normalised": "民族“{value}”已规范为 {stored}",
    "import.political_status.unknown": "政治面貌“{value}”无法识别{near}，未保存，请填写如 中共党员、共青团员、群众",
    "import.political_status.normalised": "政治面貌“{value}”已规范为 {stored}",
    "import.file.other_track": "文件名或表头上方写的是“{label}”，与所选类别不符，请核对类别是否选错；区外、区内须分表报送（四（二））",
    "import.track.other": "培养类别“{value}”与本表（{own}）不符，区外、区内须分表报送（四（二）），请把此人移到对应类别的汇总表",
    "import.track.unknown": "培养类别“{value}”无法识别，请填写其一：{labels}",
    # dates
    "import.date.unclear": f"{{column}}“{{value}}”无法确定日期{{near}}，{_DATE_FORMS}",
    "import.date.start_unclear": (
        "{column}“{value}”无法确定{near}，请填写起始年月如 2011-07，或从事本专业的整年数如 8年"
    ),
    "import.date.future": "{column}“{value}”在今天之后，请核对后重新填写",
    "import.date.excel_serial": "{column}“{value}”是 Excel 序列号，已换算为 {stored}",
    "import.date.month_lost": (
        "{column}“{value}”是数值，可能是 1 月，也可能是 10 月（末尾的 0 已丢失），"
        "请改写为 {october} 或 {january}"
    ),
    "import.date.month_from_id": "{column}“{value}”是数值，已按身份证号取 {month}",
    "import.date.month_assumed": (
        "{column}“{value}”是 1 日，旧版 .xls 不能说明是否只写了年月，按 {stored} 保存"
    ),
    "import.birth_date.year_only": "出生年月“{value}”只有年份，请补上月份，如 1985-03",
    "import.birth_date.other_month": (
        "出生年月“{value}”与身份证号中的 {number} 不在同一个月，请核对两者后改正"
    ),
    "import.birth_date.other_day": (
        "出生年月“{value}”与身份证号中的 {number} 不是同一天，按身份证号保存，请核对"
    ),
    # schooling
    "import.education.unknown": "学历“{value}”无法识别{near}，已按原文保存，待认定；请填写如 大学本科、硕士研究生",
    "import.education.degree_only": "学历“{value}”只说明学位、没有说明学历，待认定；请注明如 硕士研究生",
    "import.education.same_level": "学历“{value}”是同等学力，不等于硕士研究生学历，待认定",
    "import.education.on_the_job": "学历“{value}”是在职或党校研究生，是否为国民教育学历待认定",
    "import.education.needs_degree": (
        "学历“{value}”没有说明是硕士还是博士（或未毕业），学位栏也未说明，待认定；请注明如 硕士研究生"
    ),
    "import.education.graduate_class": "学历“{value}”是研究生班，低于硕士研究生学历，待认定",
    "import.education.not_finished": "学历“{value}”是否毕业不明，待认定；已毕业请填写 大学本科",
    "import.education.regular_class": "学历“{value}”是大学普通班，待认定",
    "import.education.still_studying": (
        "学历“{value}”尚未毕业，已取得的学历没有说明，待认定；请填写已毕业的学历，如 硕士研究生"
    ),
    "import.education.not_graduated": "学历“{value}”不是毕业，待认定；请填写已毕业的学历，如 大学本科",
    "import.education.studying": "学历“{value}”尚未毕业，按已取得的 {stored} 保存",
    "import.education.normalised": "学历“{value}”已规范为 {stored}",
    "import.degree.unknown": "学位“{value}”无法识别{near}，已按原文保存；请填写如 学士、硕士、博士",
    "import.degree.normalised": "学位“{value}”已规范为 {stored}",
    # title
    "import.title.unknown": (
        "专业技术职务“{value}”的级别无法确定{near}，已按原文保存，待认定；请填写职称全称，如 副教授、高级工程师"
    ),
    "import.title.normalised": "专业技术职务“{value}”已规范为 {stored}",
    "import.title.date_taken": "专业技术职务“{value}”括号中的日期 {stored} 已记入取得时间",
    "import.title.date_differs": (
        "专业技术职务“{value}”括号中的日期 {day} 与取得时间“{other}”不同，按取得时间保存，请核对"
    ),
    # numbers
    "import.mobile.lost_digits": "{column}“{value}”被 Excel 存成数值，位数已丢失，请按文本重新填写",
    "import.mobile.several": "手机“{value}”有多个号码，{first} 记为手机，其余（{others}）记为其他手机",
    "import.mobile.normalised": "手机“{value}”已规范为 {stored}",
    "import.mobile.unusual": "手机“{value}”不是 11 位手机号码，已按原文保存，请核对",
    "import.mobile.land_line": "手机“{value}”是固定电话，已按原文保存，请补充手机号码",
    "import.phone.zero_lost": "{column}“{value}”的区号 {area} 的 0 可能丢失，请核对",
    "import.bank_account.stored_as_number": (
        "银行账号“{value}”被 Excel 存成数值，后几位已丢失，请按文本重新填写"
    ),
    "import.bank_account.unusual": "银行账号“{value}”不像账号，已按原文保存，请核对",
    "import.email.unusual": "邮箱“{value}”不像邮箱地址，已按原文保存，请核对",
    "import.unit_rank.unclear": "推荐顺序“{value}”不是序号，未保存，请填写如 1",
    # rows that are no people
    "import.row.left_out": "经办人选择不导入此行",
    "import.row.title": "标题行，已跳过",
    "import.row.unit_line": "单位行，已跳过",
    "import.row.group": "分组行，已跳过",
    "import.row.hint": "说明行，已跳过",
    "import.row.example": "示例行，已跳过",
    "import.row.example_filled": "{column}“{value}”有效，但这一行的序号写着“{mark}”；是真实人员请在表中改掉“{mark}”后重新导入，是示例请选不导入",
    "import.row.totals": "合计行，已跳过",
    "import.row.signature": "签名行，已跳过",
    "import.row.other": "不是人员的行，已跳过",
}
