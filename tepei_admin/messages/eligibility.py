"""Sentences of the eligibility findings: one each; where a rule is not met, it says what would be needed."""

from __future__ import annotations

MESSAGES: dict[str, str] = {
    # Small words that the sentences are put together with.
    "eligibility.span": "{low} 或 {high}",
    "eligibility.joint": "；",
    "eligibility.comma": "、",
    # 少数民族
    "eligibility.minority.met": "{ethnicity}，是少数民族",
    "eligibility.minority.not_met": "{ethnicity}，不是少数民族",
    "eligibility.minority.ask": "民族为“{ethnicity}”，是否属于少数民族需认定",
    "eligibility.minority.unknown": "没有填写民族",
    # 年龄
    "eligibility.age.met": "年龄 {age} 周岁，不超过 {limit}",
    "eligibility.age.not_met": "年龄 {age} 周岁，超过 {limit} 周岁的限制",
    "eligibility.age.met_born": "{born}出生，不早于{since}",
    "eligibility.age.not_met_born": "{born}出生，须在{since}或以后出生",
    "eligibility.age.birthday": "生日当天（{on}）满 {age} 周岁，需认定",
    "eligibility.age.partial": "出生日期只知道是{born}，到{on}为 {age} 周岁，限 {limit} 周岁，需认定",
    "eligibility.age.partial_born": "出生日期只知道是{born}，是否在{since}或以后出生需认定",
    "eligibility.age.written": "出生日期按身份证号为{born}，按表为{written}，两者结论不同，需认定",
    "eligibility.age.future": "出生日期（{born}）晚于计算年龄的日期（{on}），请核对",
    "eligibility.age.unknown": "没有出生日期，算不出年龄",
    # 学历年限或职称
    "eligibility.route.met": "符合“{route}”：{reasons}",
    "eligibility.route.not_met": "各项资格条件都不具备：{reasons}",
    "eligibility.route.needs_decision": "需认定：{reasons}",
    "eligibility.route.unknown": "材料不全：{reasons}",
    "eligibility.route.none": "本类别还没有设置资格条件，需认定",
    "eligibility.route.empty": "资格条件“{route}”没有写明要求",
    "eligibility.schooling.met": "学历为{education}",
    "eligibility.schooling.with_degree": "学历“{written}”、学位为{degree}",
    "eligibility.schooling.degree_met": "学位为{degree}",
    "eligibility.schooling.not_met": "学历为{education}，须为{needed}及以上",
    "eligibility.schooling.ask": "学历“{written}”是否算{needed}及以上",
    "eligibility.schooling.no_degree": "学历只写“{written}”，没有硕士或博士学位，是否算{needed}及以上",
    "eligibility.schooling.degree_beside": "学历“{written}”、学位为{degree}，是否算{needed}及以上学历",
    "eligibility.schooling.degree_alone": "只有学位（{degree}），没有填写学历，是否算{needed}及以上学历",
    "eligibility.schooling.unknown": "没有填写学历，须为{needed}及以上",
    "eligibility.years.met": "从事本专业满 {years} 年",
    "eligibility.years.not_met": "从事本专业满 {years} 年，须满 {needed} 年",
    "eligibility.years.partial": "从事本专业的起始时间只知道是{start}，满 {years} 年，须满 {needed} 年",
    "eligibility.years.differ": "所填年限为 {stated} 年，从{start}起算为 {years} 年，须满 {needed} 年",
    "eligibility.years.unknown": "没有填写从事本专业的时间，须满 {needed} 年",
    "eligibility.title.named": "{title}（{level}）",
    "eligibility.title.met": "职称为{title}",
    "eligibility.title.not_met": "职称为{title}，须为{needed}及以上",
    "eligibility.title.none": "没有职称，须为{needed}及以上",
    "eligibility.title.ask": "职称“{title}”的级别不明，是否为{needed}及以上",
    "eligibility.title.unknown": "没有填写职称，须为{needed}及以上",
    # 单位证明
    "eligibility.health.met": "单位证明身心健康",
    "eligibility.health.not_met": "单位未能证明身心健康，须有单位证明",
    "eligibility.health.unknown": "没有身心健康的单位证明",
    "eligibility.conduct.met": "单位证明政治和品行合格",
    "eligibility.conduct.not_met": "单位未能证明政治和品行合格，须有单位证明",
    "eligibility.conduct.unknown": "没有政治和品行的单位证明",
    # 单位层级
    "eligibility.level.met": "{level}单位选送，属盟市及以下",
    "eligibility.level.not_met": "{level}单位选送，须为盟市及以下单位",
    "eligibility.level.ask": "{level}选送，是否算盟市及以下单位需认定",
    "eligibility.level.unknown": "没有选送单位的层级，须为盟市及以下单位",
    # 不重复参加
    "eligibility.once.met": "以前没有参加过",
    "eligibility.once.noted": "以前有记录：{parts}",
    "eligibility.once.ask": "以前参加过：{parts}，能否再次参加需认定",
    "eligibility.once.part": "{label}（{outcome}）",
    "eligibility.once.year": "{year}年度",
    # 只提示的三项
    "eligibility.scope.met": "在选拔范围内：{reasons}",
    "eligibility.scope.not_met": "不在选拔范围内：{reasons}",
    "eligibility.scope.needs_decision": "是否在选拔范围内需认定：{reasons}",
    "eligibility.scope.unknown": "是否在选拔范围内还不清楚：{reasons}",
    "eligibility.field.met": "属于重点领域：{field}",
    "eligibility.field.unknown": "没有填写所属的重点领域",
    "eligibility.on_time.met": "{received}收到，没有超过{deadline}",
    "eligibility.on_time.not_met": "{received}收到，晚于{deadline}，逾期",
    "eligibility.on_time.unknown": "没有收件日期，须在{deadline}或以前收到",
}

# A word or two for lists and counts, where the rule's own label would say too little.
CAUSES: dict[str, str] = {"eligibility.age.birthday": "生日当天"}
