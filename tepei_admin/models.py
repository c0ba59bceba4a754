"""Every model: what the thing is in the office, its columns, its constraints. Nothing else.

Money is in integer fen, stamps are in UTC, dates are the office's (Asia/Shanghai), partial dates are text.
"""

from __future__ import annotations

from peewee import SQL, BooleanField, CharField, DateField, DateTimeField, IntegerField, SmallIntegerField

from tepei_admin import choices as c
from tepei_admin import codes
from tepei_admin.permissions import P
from tepei_admin.schema import (
    ChoiceField,
    CodeField,
    FenField,
    JsonField,
    PartialDateField,
    Record,
    Ref,
    TextBlock,
    TextLine,
    check,
)

# --- Lists that start from national standards and that the office may edit


class Region(Record):
    """A place by its GB/T 2260 code: Inner Mongolia's in 2019, the other provinces' for hosts."""

    code = CharField(max_length=6, unique=True, verbose_name="代码")
    name = CharField(max_length=64, verbose_name="名称")
    level = CharField(max_length=16, verbose_name="层级")
    parent_code = TextLine("上级代码", 6)
    reports_separately = BooleanField(default=False, verbose_name="单独报送")

    class Panel:
        title, shared, order = "行政区划", True, ("code",)
        columns, search = ("code", "name", "level", "parent_code", "reports_separately"), ("code", "name")
        edit = P.SETUP


class PovertyCounty(Record):
    """A national-level poverty county; people from there come first (一（二）), as long as it is listed."""

    code = CharField(max_length=6, unique=True, verbose_name="代码")
    name = CharField(max_length=64, verbose_name="名称")
    prefecture = TextLine("所属盟市", 64)
    delisted_on = DateField(
        null=True, verbose_name="退出日期", help_text="空：仍在名单；基准日当天或以前退出的不再优先"
    )
    note = TextLine("说明")

    class Panel:
        title, shared, order = "贫困县名单", True, ("code",)
        columns, search = ("code", "name", "prefecture", "delisted_on", "note"), ("code", "name")
        edit, delete = P.SETUP, True


class TitleName(Record):
    """A professional title and its level (GB/T 12407). The office adds the ones it decides on."""

    name = CharField(max_length=64, unique=True, verbose_name="职务名称")
    level = CodeField(codes.title_levels(), "级别")
    series = TextLine("系列", 64)

    class Panel:
        title, shared, order = "专业技术职务名称", True, ("name",)
        columns, search = ("name", "level", "series"), ("name",)
        edit, delete = P.SETUP, True


# --- Units and accounts


class Unit(Record):
    """A sending unit (选送单位), a host (培养单位), or both."""

    code = CharField(
        max_length=32, unique=True, verbose_name="代码", help_text="报送盟市用行政区划代码；其他单位自编"
    )
    name = CharField(max_length=128, unique=True, verbose_name="名称")
    sending = BooleanField(default=False, verbose_name="选送单位")
    host = BooleanField(default=False, verbose_name="培养单位")
    level = ChoiceField(c.UnitLevel, "层级", blank=True)
    region = Ref(Region, "所在地区", null=True)
    active = BooleanField(default=True, verbose_name="启用")
    uscc = TextLine("统一社会信用代码", 18)
    bank_name = TextLine("开户银行", 128)
    bank_account = TextLine("银行账号", 64)
    bank_holder = TextLine("户名", 128)
    contact = TextLine("联系人", 64)
    phone = TextLine("联系电话", 64)
    address = TextLine("地址")

    class Panel:
        title, owner, order = "单位", "self", ("code",)
        columns = ("code", "name", "level", "region", "sending", "host", "contact", "phone", "active")
        search, sensitive = ("code", "name"), {"bank_account"}
        edit, delete = P.SETUP, True


class User(Record):
    """An account. The command line's own actor is a row that cannot sign in (`system`)."""

    username = CharField(max_length=64, unique=True, verbose_name="用户名")
    name = TextLine("姓名", 64)
    role = ChoiceField(c.Role, "角色")
    unit = Ref(Unit, "单位", null=True, help_text="单位经办必填：只能看到和录入本单位的人")
    active = BooleanField(default=True, verbose_name="启用")
    system = BooleanField(default=False, verbose_name="系统账号")
    password_hash = TextLine("口令摘要")
    epoch = IntegerField(
        default=1, verbose_name="会话代数", help_text="改口令、停用、改角色后加一，旧会话随之失效"
    )
    failures = IntegerField(default=0, verbose_name="连续失败")
    locked_until = DateTimeField(null=True, verbose_name="锁定至")
    last_login_at = DateTimeField(null=True, verbose_name="上次登录")

    class Panel:
        title, label, called, order = "用户", "username", "name", ("username",)
        columns = ("username", "name", "role", "unit", "active", "locked_until", "last_login_at")
        search = ("username", "name")
        machine = {"system", "failures", "locked_until", "last_login_at", "epoch", "password_hash"}
        hidden = {"password_hash", "epoch"}
        read = edit = P.ACCOUNTS

    class Meta:
        constraints = [check("user_clerk_has_unit", "role <> 'clerk' OR unit_id IS NOT NULL")]


# --- The programme: one year's rules as data


class Programme(Record):
    """One year of the programme, with the settings that its notice and the office decide."""

    year = IntegerField(unique=True, verbose_name="年度")
    name = CharField(max_length=128, verbose_name="名称")
    notice_no = TextLine("通知文号", 64)
    materials_deadline = DateField(verbose_name="材料报送截止", help_text="五：当天算按时")
    reference_date = DateField(
        null=True, verbose_name="年龄和年限基准日", help_text="二：空则取材料报送截止日"
    )
    notice_by = DateField(null=True, verbose_name="报到通知期限", help_text="四（三）：7月初")
    term_months = SmallIntegerField(default=12, verbose_name="培养月数", help_text="三：培养期限1年")
    age_reading = ChoiceField(
        c.AgeReading, "年龄口径", default="completed", help_text="二（一）2、二（二）2：“以下”含本数"
    )
    leave_deduction = TextLine(
        "请假扣减",
        16,
        default="all",
        help_text="九（一）按实际培训时间：all 扣除；off 不扣；beyond:N 超过N天才扣",
    )
    stipend_on_early_end = ChoiceField(
        c.Switch, "提前终止发补贴", default="off", help_text="九（一）：结业考核合格后发放"
    )
    passing_certificate = TextLine(
        "发证的考核等次", 32, default="优秀,合格", help_text="六（五）、七（六）；基本合格须另行认定"
    )
    passing_stipend = TextLine(
        "发补贴的考核等次", 32, default="优秀,合格", help_text="九（一）：结业考核合格后发放"
    )
    tuition_when = ChoiceField(
        c.TuitionWhen, "学费何时可付", default="report_in", help_text="九（一）：直接汇给培养单位"
    )
    recovery = ChoiceField(c.RecoveryRule, "追缴口径", default="full", help_text="六（六）：赔偿特培经费")
    recovery_payer = ChoiceField(
        c.RecoveryPayer, "追缴对象", default="trainee", help_text="六（六）未写明，默认本人"
    )
    documents = ChoiceField(c.DocumentsRule, "材料不齐", default="warn", help_text="七（二）：学员档案")
    earlier_participation = ChoiceField(
        c.EarlierParticipation, "往年参加过", default="decide", help_text="通知未写，默认待认定"
    )
    certificate_number = TextLine(
        "证书编号格式",
        64,
        default="{year}{letter}{serial:04d}",
        help_text="六（五）；{year} 年度 {letter} 类别字母 {serial:04d} 流水号",
    )
    solo = ChoiceField(
        c.Switch, "一人可提出并核准", default="off", help_text="只有一人的办公室才打开；每条记录都留标记"
    )

    class Panel:
        title, shared, order = "年度计划", True, ("-year",)
        columns = ("year", "name", "materials_deadline", "reference_date", "notice_by", "term_months", "solo")
        edit = P.SETUP

    class Meta:
        constraints = [
            check("programme_year_plausible", "year BETWEEN 2000 AND 2100"),
            check("programme_term_positive", "term_months BETWEEN 1 AND 60"),
        ]


class Track(Record):
    """A kind of training (区外, 区内): places, age limit, rates. A third one needs no code."""

    programme = Ref(Programme, "年度")
    code = CharField(max_length=16, verbose_name="代码")
    label = CharField(max_length=32, verbose_name="名称")
    letter = CharField(max_length=2, verbose_name="证书字母")
    clause = TextLine("条件所在条款", 16, help_text="如 二（一）")
    places = IntegerField(verbose_name="总名额", help_text="一（二）")
    age_limit = SmallIntegerField(verbose_name="年龄上限（周岁）", help_text="含本数")
    tuition = FenField(verbose_name="学费和住宿费", help_text="每人每年（九（一））")
    stipend = FenField(verbose_name="生活补贴", help_text="每人每月（九（一））")
    host_region = ChoiceField(c.HostRegion, "培养单位所在", default="any", help_text="三")
    unit_level = ChoiceField(c.UnitLevelRule, "选送单位层级", default="any", help_text="三（二）")
    arranged_by = ChoiceField(c.Arranger, "培养单位由谁落实", default="department", help_text="九（二）")
    position = SmallIntegerField(default=0, verbose_name="次序")

    class Panel:
        title, label, shared, year = "培养类别", "label", True, "programme"
        columns = ("programme", "code", "label", "places", "age_limit", "tuition", "stipend", "unit_level")
        order, edit = ("-programme", "position", "id"), P.SETUP

    class Meta:
        indexes = ((("programme", "code"), True),)
        constraints = [
            check("track_places_not_negative", "places >= 0"),
            check("track_age_limit_plausible", "age_limit BETWEEN 16 AND 100"),
            check("track_rates_not_negative", "tuition >= 0 AND stipend >= 0"),
        ]


class Route(Record):
    """One way to qualify for a track: schooling and years, or a title level. Any one suffices."""

    track = Ref(Track, "培养类别")
    label = CharField(max_length=64, verbose_name="名称")
    schooling = ChoiceField(c.Schooling, "学历", blank=True)
    min_years = SmallIntegerField(null=True, verbose_name="从事本专业年数")
    title_level = CodeField(codes.title_levels(), "职称级别不低于")
    clause = TextLine("条款", 16)
    position = SmallIntegerField(default=0, verbose_name="次序")

    class Panel:
        title, label, shared, year = "资格条件", "label", True, "track.programme"
        columns = ("track", "label", "schooling", "min_years", "title_level", "clause")
        order, edit, delete = ("track", "position", "id"), P.SETUP, True

    class Meta:
        constraints = [
            check("route_asks_something", "schooling <> '' OR min_years IS NOT NULL OR title_level <> ''"),
        ]


class Quota(Record):
    """Places of one sending unit in one track (附件1). Null: not allocated, recommending is refused."""

    track = Ref(Track, "培养类别")
    unit = Ref(Unit, "单位", only="sending")
    places = IntegerField(null=True, verbose_name="名额", help_text="空：尚未分配，不能推荐")

    class Panel:
        title, label, owner, year = "名额", "id", "unit", "track.programme"
        columns, filters = ("track", "unit", "places"), ("track", "unit", "places")
        order, edit = ("track", "unit"), P.SETUP

    class Meta:
        indexes = ((("track", "unit"), True),)
        constraints = [check("quota_places_not_negative", "places >= 0")]


class PastTrainee(Record):
    """A part in a year before the panel; feeds the rule `once`."""

    id_number = CharField(max_length=18, index=True, verbose_name="身份证号")
    name = CharField(max_length=64, verbose_name="姓名")
    year = IntegerField(verbose_name="年度")
    outcome = ChoiceField(c.PastOutcome, "结果")
    note = TextLine("说明")

    class Panel:
        title, order = "往年学员", ("-year", "name")
        columns, search, sensitive = (
            ("name", "id_number", "year", "outcome", "note"),
            ("name",),
            {"id_number"},
        )
        edit, delete = P.WORK, True

    class Meta:
        indexes = ((("id_number", "year"), True),)


# --- People


class Trainee(Record):
    """One person's participation in one programme year."""

    programme = Ref(Programme, "年度")
    track = Ref(Track, "培养类别")
    unit = Ref(Unit, "单位", only="sending")
    name = CharField(max_length=64, verbose_name="姓名")
    pinyin = TextLine("拼音", 128, help_text="排序和检索用，可改")
    initials = TextLine("拼音首字母", 32)
    sex = CodeField(codes.SEXES, "性别")
    ethnicity = CodeField(codes.ethnic_groups(), "民族")
    birth_date = PartialDateField(verbose_name="出生日期")
    birth_date_written = PartialDateField(
        verbose_name="表中出生日期", help_text="与身份证号不一致时保留表中所写"
    )
    id_number = CharField(max_length=18, verbose_name="身份证号")
    political_status = CodeField(codes.political_status(), "政治面貌")
    education = CodeField({k: e.name for k, e in codes.education().items()}, "学历")
    education_written = TextLine("学历（原文）", 64)
    degree = CodeField(codes.degrees(), "学位")
    degree_written = TextLine("学位（原文）", 64)
    school = TextLine("毕业院校", 128)
    major = TextLine("所学专业", 128)
    work_start = PartialDateField(verbose_name="参加工作时间")
    profession = TextLine("从事专业", 128)
    profession_start = PartialDateField(verbose_name="从事专业时间")
    profession_years = SmallIntegerField(null=True, verbose_name="从事专业年限", help_text="单位所报整年数")
    title = TextLine("专业技术职务", 64)
    title_level = CodeField(codes.title_levels(), "职称级别")
    title_date = PartialDateField(verbose_name="取得时间")
    employer = TextLine("工作单位", 128)
    post = TextLine("职务", 64)
    region = Ref(Region, "单位所在盟市", null=True)
    county = Ref(Region, "旗县", null=True)
    field = ChoiceField(c.FieldOfWork, "重点领域", blank=True, help_text="一（一）")
    training_major = TextLine("培养专业", 128)
    host_wish = TextLine("意向培养单位", 128)
    supervisor_wish = TextLine("意向导师", 64)
    training_requirements = TextBlock("选送单位的培养要求", help_text="八（二）")
    mobile = TextLine("手机", 32)
    mobile_other = TextLine("其他电话", 64)
    office_phone = TextLine("办公电话", 64)
    email = TextLine("邮箱", 128)
    bank_name = TextLine("开户银行", 128)
    bank_account = TextLine("银行账号", 64)
    bank_holder = TextLine("户名", 64)
    unit_rank = IntegerField(null=True, verbose_name="推荐顺序")
    remarks = TextBlock("备注")
    received_on = DateField(null=True, verbose_name="收到材料日期")

    status = ChoiceField(c.Status, "状态", default="applied")
    attested_signed = BooleanField(null=True, verbose_name="单位签字盖章")
    attested_health = BooleanField(null=True, verbose_name="单位证明身心健康")
    attested_conduct = BooleanField(null=True, verbose_name="单位证明政治品行")
    attested_on = DateField(null=True, verbose_name="证明日期")
    attested_paper = TextLine("证明材料")
    approval_no = TextLine("录取批准文号", 64)
    approved_on = DateField(null=True, verbose_name="批准日期")
    over_quota = BooleanField(default=False, verbose_name="超名额特批")
    eligibility = ChoiceField(c.Result, "资格", blank=True)
    eligibility_cause = TextLine("资格原因", 64)
    eligibility_stale = BooleanField(default=False, verbose_name="资格需重核")

    class Panel:
        title, owner, year = "学员", "unit", "programme"
        columns = ("name", "ethnicity", "unit", "track", "title", "id_number", "eligibility", "status")
        search, sensitive = ("name", "pinyin", "initials", "employer"), {"id_number", "bank_account"}
        machine = {
            "programme", "status", "attested_signed", "attested_health", "attested_conduct", "attested_on",
            "attested_paper", "approval_no", "approved_on", "over_quota", "eligibility", "eligibility_cause",
            "eligibility_stale",
        }  # fmt: skip
        edit = P.ENTER

    class Meta:
        indexes = (
            (("programme", "id_number"), True),
            (("programme", "status"), False),
            (("id_number",), False),
            (("mobile",), False),
        )


class EligibilityCheck(Record):
    """The last result for a trainee, with the policy and the facts it was computed from."""

    trainee = Ref(Trainee, "学员", unique=True)
    result = ChoiceField(c.Result, "结果")
    findings = JsonField(verbose_name="核查项")
    facts = JsonField(verbose_name="所依据的事实")
    policy = JsonField(verbose_name="所依据的规定")
    checked_at = DateTimeField(verbose_name="核查时间")

    class Panel:
        title, label, owner, year = "资格核查", "id", "trainee.unit", "trainee.programme"
        columns, edit = ("trainee", "result", "checked_at"), None


class StatusChange(Record):
    """One move in a trainee's life: who, when, why, from what to what. Written by `move` alone."""

    trainee = Ref(Trainee, "学员")
    verb = ChoiceField(c.Verb, "办理")
    from_status = ChoiceField(c.Status, "原状态")
    to_status = ChoiceField(c.Status, "新状态")
    on = DateField(verbose_name="日期")
    reason = TextBlock("事由")
    approval_no = TextLine("批准文号", 64)
    by = Ref(User, "经办人")
    batch_id = IntegerField(null=True, index=True, verbose_name="批次")

    class Panel:
        title, label, owner, year = "状态变更", "id", "trainee.unit", "trainee.programme"
        columns, edit = (
            ("trainee", "verb", "from_status", "to_status", "on", "reason", "approval_no", "by"),
            None,
        )


# --- What one person opens and a second one decides

_TWO_PERSONS = "decided_by_id IS NULL OR decided_by_id <> opened_by_id OR solo"


class Waiver(Record):
    """特批: an override on the record, of an eligibility finding, a full quota or a held grade."""

    trainee = Ref(Trainee, "学员")
    kind = ChoiceField(c.WaiverKind, "事项")
    rule = ChoiceField(c.Rule, "资格条件", blank=True, help_text="只用于资格条件的特批")
    reason = TextBlock("书面理由")
    approval_no = TextLine("批准文号", 64)
    state = ChoiceField(c.RequestState, "状态", default="open")
    opened_by = Ref(User, "提出人")
    opened_at = DateTimeField(verbose_name="提出时间")
    decided_by = Ref(User, "核准人", null=True)
    decided_at = DateTimeField(null=True, verbose_name="核准时间")
    decision = TextLine("核准意见")
    solo = BooleanField(default=False, verbose_name="一人办理")
    digest = TextLine("所示内容摘要", 64)

    class Panel:
        title, label, owner, year = "特批", "id", "trainee.unit", "trainee.programme"
        columns = ("trainee", "kind", "rule", "reason", "state", "opened_by", "decided_by")
        hidden, edit = {"digest"}, None

    class Meta:
        constraints = [
            check("waiver_two_persons", _TWO_PERSONS),
            check("waiver_finding_names_rule", "(kind = 'finding') = (rule <> '')"),
            check("waiver_decided_has_decider", "state = 'open' OR decided_by_id IS NOT NULL"),
        ]


class Request(Record):
    """A verb that one person opened and a second one decides, where no record of its own holds it."""

    verb = ChoiceField(c.Verb, "办理")
    trainee = Ref(Trainee, "学员")
    arguments = JsonField(verbose_name="参数")
    text = TextBlock("说明")
    reason = TextBlock("事由")
    state = ChoiceField(c.RequestState, "状态", default="open")
    opened_by = Ref(User, "提出人")
    opened_at = DateTimeField(verbose_name="提出时间")
    decided_by = Ref(User, "核准人", null=True)
    decided_at = DateTimeField(null=True, verbose_name="核准时间")
    decision = TextLine("核准意见")
    solo = BooleanField(default=False, verbose_name="一人办理")
    digest = TextLine("所示内容摘要", 64)

    class Panel:
        title, label, owner, year = "待核准事项", "text", "trainee.unit", "trainee.programme"
        columns = ("trainee", "verb", "text", "reason", "state", "opened_by", "decided_by")
        hidden, edit = {"digest"}, None

    class Meta:
        indexes = (
            SQL("CREATE UNIQUE INDEX request_one_open ON request (trainee_id, verb) WHERE state = 'open'"),
        )
        constraints = [
            check("request_two_persons", _TWO_PERSONS),
            check("request_decided_has_decider", "state = 'open' OR decided_by_id IS NOT NULL"),
        ]


# --- The training year


class Placement(Record):
    """培养安排: where, what, under which supervisor, from when to when."""

    trainee = Ref(Trainee, "学员")
    host = Ref(Unit, "培养单位")
    major = TextLine("培养专业", 128)
    supervisor = TextLine("导师", 64)
    supervisor_title = TextLine("导师职称", 64)
    plan = TextBlock("培养方案", help_text="七（三）：内容、方式、考核标准")
    tasks = TextBlock("工作任务和科研项目", help_text="七（四）")
    lodging = TextLine("食宿安排", help_text="七（一）")
    planned_start = DateField(null=True, verbose_name="计划开始")
    planned_end = DateField(null=True, verbose_name="计划结束")
    actual_start = DateField(null=True, verbose_name="实际报到")
    actual_end = DateField(null=True, verbose_name="实际结束")
    arranged_by = ChoiceField(c.Arranger, "由谁落实", default="department", help_text="九（二）")
    state = ChoiceField(c.PlacementState, "状态", default="proposed")
    notified_on = DateField(null=True, verbose_name="通知日期")
    notice_received_on = DateField(null=True, verbose_name="收到通知日期")
    replaces = Ref("self", "所变更的安排", null=True, unique=True)
    change_reason = TextBlock("变更原因", help_text="六（一）")
    approval_no = TextLine("批准文号", 64)
    approved_on = DateField(null=True, verbose_name="批准日期")

    class Panel:
        title, label, called, owner = "培养安排", "id", "host", "trainee.unit"
        year = "trainee.programme"
        columns = ("trainee", "host", "supervisor", "planned_start", "actual_start", "state")
        machine = {
            "state", "actual_start", "actual_end", "notified_on", "notice_received_on", "replaces", "change_reason",
            "approval_no", "approved_on",
        }  # fmt: skip
        edit = None

    class Meta:
        indexes = (
            SQL(
                "CREATE UNIQUE INDEX placement_one_current ON placement (trainee_id) WHERE state = 'current'"
            ),
        )
        constraints = [
            check("placement_planned_in_order", "planned_end >= planned_start"),
            check("placement_actual_in_order", "actual_end >= actual_start"),
        ]


class Leave(Record):
    """请假: days away, granted by the host; or an absence without the host's approval."""

    trainee = Ref(Trainee, "学员")
    placement = Ref(Placement, "培养安排")
    kind = ChoiceField(c.LeaveKind, "类别", default="leave")
    starts = DateField(verbose_name="开始")
    ends = DateField(verbose_name="结束")
    reason = TextBlock("事由")
    state = ChoiceField(c.LeaveState, "状态", default="asked")
    host_approval = TextLine("培养单位批准", 128, help_text="六（四）")
    approved_on = DateField(null=True, verbose_name="批准日期")

    class Panel:
        title, label, owner, year = "请假", "id", "trainee.unit", "trainee.programme"
        columns, sensitive = (
            ("trainee", "placement", "kind", "starts", "ends", "state", "approved_on"),
            {"reason"},
        )
        edit = None

    class Meta:
        constraints = [check("leave_in_order", "ends >= starts")]


class Assessment(Record):
    """考核: yearly or completion, one of four grades, decided by the host (七（六）)."""

    trainee = Ref(Trainee, "学员")
    kind = ChoiceField(c.AssessmentKind, "类别")
    on = DateField(verbose_name="考核日期")
    grade = ChoiceField(c.Grade, "等次")
    opinion = TextBlock("鉴定意见")

    class Panel:
        title, label, owner, year = "考核", "id", "trainee.unit", "trainee.programme"
        columns, edit = ("trainee", "kind", "on", "grade"), None

    class Meta:
        indexes = (
            SQL(
                "CREATE UNIQUE INDEX assessment_one_completion ON assessment (trainee_id) WHERE kind = 'completion'"
            ),
        )


class Document(Record):
    """档案材料: a paper of a trainee's file, received or not, with a file attached or not (七（二）)."""

    trainee = Ref(Trainee, "学员")
    kind = ChoiceField(c.DocumentKind, "材料")
    received_on = DateField(null=True, verbose_name="收到日期")
    copies = SmallIntegerField(default=1, verbose_name="份数")
    file_name = TextLine("文件名")
    stored_as = TextLine("存放名", 64)
    content_type = TextLine("文件类型", 64)
    size = IntegerField(null=True, verbose_name="字节数")
    sha256 = TextLine("摘要", 64)
    archived_on = DateField(null=True, verbose_name="归档日期")
    archived_to = TextLine("归入")
    note = TextLine("说明")

    class Panel:
        title, label, owner, year = "档案材料", "file_name", "trainee.unit", "trainee.programme"
        columns = ("trainee", "kind", "received_on", "copies", "file_name", "archived_on", "archived_to")
        hidden, edit = {"stored_as"}, None


class Termination(Record):
    """终止/取消: an early end for cause, or one of the three cases of 六（六）. Deciding it is the verb."""

    trainee = Ref(Trainee, "学员")
    path = ChoiceField(c.TerminationPath, "情形")
    facts = TextBlock("事实")
    papers = TextBlock("材料")
    actual_end = DateField(null=True, verbose_name="实际结束")
    host_confirmed_on = DateField(null=True, verbose_name="培养单位确认日期", help_text="六（四）")
    host_confirmation = TextLine("培养单位确认")
    decision_no = TextLine("决定文号", 64)
    decided_on = DateField(null=True, verbose_name="决定日期")
    circular_on = DateField(null=True, verbose_name="通报日期", help_text="六（六）：通报批评")
    circular_to = TextLine("通报对象")
    due = FenField(null=True, verbose_name="应追缴")
    lines = JsonField(null=True, verbose_name="计算过程")
    state = ChoiceField(c.TerminationState, "状态", default="opened")
    opened_by = Ref(User, "提出人")
    opened_at = DateTimeField(verbose_name="提出时间")
    decided_by = Ref(User, "核准人", null=True)
    decided_at = DateTimeField(null=True, verbose_name="核准时间")
    solo = BooleanField(default=False, verbose_name="一人办理")
    digest = TextLine("所示内容摘要", 64)

    class Panel:
        title, label, called, owner = "终止与追缴", "id", "path", "trainee.unit"
        year = "trainee.programme"
        columns = ("trainee", "path", "actual_end", "decision_no", "decided_on", "due", "state", "opened_by")
        hidden, edit = {"digest"}, None

    class Meta:
        indexes = (
            SQL(
                "CREATE UNIQUE INDEX termination_one_open ON termination (trainee_id) "
                "WHERE state IN ('opened', 'confirmed', 'decided')"
            ),
        )
        constraints = [
            check("termination_two_persons", _TWO_PERSONS),
            check("termination_due_not_negative", "due >= 0"),
        ]


class Payment(Record):
    """经费: money out (tuition, stipend) and in (refund, recovery); remission, repayment, reversal."""

    programme = Ref(Programme, "年度")
    trainee = Ref(Trainee, "学员")
    placement = Ref(Placement, "培养安排", null=True)
    termination = Ref(Termination, "追缴案", null=True)
    kind = ChoiceField(c.PaymentKind, "项目")
    amount = FenField(verbose_name="金额")
    state = ChoiceField(c.PaymentState, "状态", default="draft")
    payee = TextLine("收款或付款方", 128)
    payee_unit = Ref(Unit, "收款单位", null=True)
    bank_name = TextLine("开户银行", 128)
    bank_account = TextLine("银行账号", 64)
    bank_holder = TextLine("户名", 128)
    lines = JsonField(null=True, verbose_name="计算过程")
    reason = TextBlock("事由")
    paid_on = DateField(null=True, verbose_name="支付日期")
    voucher = TextLine("凭证号", 64)
    reverses = Ref("self", "所冲正", null=True)
    reversed_by = Ref("self", "被冲正", null=True, unique=True)
    opened_by = Ref(User, "提出人")
    opened_at = DateTimeField(verbose_name="提出时间")
    decided_by = Ref(User, "核准人", null=True)
    decided_at = DateTimeField(null=True, verbose_name="核准时间")
    solo = BooleanField(default=False, verbose_name="一人办理")
    digest = TextLine("所示内容摘要", 64)

    class Panel:
        title, label, owner, year = "经费", "id", "trainee.unit", "programme"
        columns = (
            "trainee",
            "kind",
            "payee",
            "amount",
            "state",
            "paid_on",
            "voucher",
            "opened_by",
            "decided_by",
        )
        sensitive, hidden, edit = {"bank_account"}, {"digest"}, None

    class Meta:
        indexes = (
            SQL(
                "CREATE UNIQUE INDEX payment_one_stipend ON payment (trainee_id) "
                "WHERE kind = 'stipend' AND state <> 'void' AND reversed_by_id IS NULL"
            ),
            SQL(
                "CREATE UNIQUE INDEX payment_one_tuition ON payment (placement_id) "
                "WHERE kind = 'tuition' AND state <> 'void' AND reversed_by_id IS NULL"
            ),
            SQL("CREATE UNIQUE INDEX payment_one_reversal ON payment (reverses_id) WHERE state <> 'void'"),
        )
        constraints = [
            check("payment_amount_positive", "amount > 0"),
            check("payment_two_persons", _TWO_PERSONS),
            check("payment_approved_has_decider", "state IN ('draft', 'void') OR decided_by_id IS NOT NULL"),
            check("payment_paid_has_date", "(state = 'paid') = (paid_on IS NOT NULL)"),
            check("payment_reversal_reverses", "(kind = 'reversal') = (reverses_id IS NOT NULL)"),
            check("payment_tuition_has_placement", "kind <> 'tuition' OR placement_id IS NOT NULL"),
        ]


class CertificateCounter(Record):
    """The next certificate number of a track, taken in the transaction that issues: no gaps."""

    track = Ref(Track, "培养类别", unique=True)
    last = IntegerField(default=0, verbose_name="已用到")

    class Panel:
        title, label, shared, year = "证书流水号", "id", True, "track.programme"
        columns, edit = ("track", "last"), None


class Certificate(Record):
    """结业证书 (六（五）): number, issue, reissue, void, revocation."""

    trainee = Ref(Trainee, "学员")
    number = CharField(max_length=32, unique=True, verbose_name="证书编号")
    code = CharField(max_length=32, unique=True, verbose_name="查验码")
    issued_on = DateField(verbose_name="发证日期")
    state = ChoiceField(c.CertificateState, "状态", default="issued")
    prints = SmallIntegerField(default=0, verbose_name="补发次数")
    reissued_on = DateField(null=True, verbose_name="补发日期")
    handed_over_on = DateField(null=True, verbose_name="交付日期")
    ended_on = DateField(null=True, verbose_name="作废或撤销日期")
    reason = TextBlock("作废或撤销原因")

    class Panel:
        title, label, owner, year = "结业证书", "number", "trainee.unit", "trainee.programme"
        columns, search = ("number", "trainee", "issued_on", "state", "handed_over_on"), ("number",)
        edit = None

    class Meta:
        indexes = (
            SQL(
                "CREATE UNIQUE INDEX certificate_one_valid ON certificate (trainee_id) WHERE state = 'issued'"
            ),
        )
        constraints = [
            check("certificate_void_not_handed_over", "state <> 'void' OR handed_over_on IS NULL"),
        ]


class LetterText(Record):
    """文书文字: what a kind of letter says, who signs it and, for a recovery, where the money goes."""

    kind = ChoiceField(c.LetterKind, "文书", unique=True)
    office = TextLine("发文机关", 64, help_text="落款；空则打印时填写")
    title = TextLine("标题")
    salutation = TextLine("主送", help_text="如 {unit}：")
    body = TextBlock("正文", help_text="每行一段；{name} 等位置自动填写，{address?} 为空时整段省去")
    attachments = TextBlock("附件", help_text="每行一件")
    account_holder = TextLine("收款户名", 128, help_text="只用于追缴通知书")
    account_bank = TextLine("收款开户银行", 128, help_text="只用于追缴通知书")
    account_no = TextLine("收款账号", 64, help_text="只用于追缴通知书")

    class Panel:
        title, label, shared, order = "文书文字", "title", True, ("id",)
        columns, edit = ("kind", "title", "office", "salutation"), P.SETUP


class FollowUp(Record):
    """跟踪服务: a contact note between office, host and sending unit."""

    trainee = Ref(Trainee, "学员")
    kind = ChoiceField(c.FollowUpKind, "方式")
    on = DateField(verbose_name="日期")
    by = TextLine("联系人", 64)
    note = TextBlock("内容")
    next_on = DateField(null=True, verbose_name="下次联系")

    class Panel:
        title, label, owner, year = "跟踪服务", "id", "trainee.unit", "trainee.programme"
        columns, search = ("trainee", "kind", "on", "by", "note", "next_on"), ("note",)
        edit, delete = P.WORK, True


# --- What was done: batches, files, history


class Batch(Record):
    """A numbered group of changes: an import or a bulk action. Reversible where the domain allows it."""

    verb = CharField(max_length=32, verbose_name="办理")
    title = TextLine("内容")
    programme = Ref(Programme, "年度", null=True)
    unit = Ref(Unit, "单位", null=True)
    arguments = JsonField(verbose_name="参数")
    reason = TextBlock("事由")
    state = ChoiceField(c.BatchState, "状态", default="done")
    by = Ref(User, "经办人")
    at = DateTimeField(verbose_name="时间")
    done = IntegerField(default=0, verbose_name="已办")
    skipped = IntegerField(default=0, verbose_name="跳过")
    undoes = Ref("self", "所撤销的批次", null=True)

    class Panel:
        title, label, owner, year = "批次", "title", "unit", "programme"
        columns, search, edit = ("id", "title", "by", "at", "done", "skipped", "state"), ("title",), None


class BatchRow(Record):
    """What became of one record in a batch."""

    batch = Ref(Batch, "批次")
    model = CharField(max_length=32, verbose_name="对象")
    object_id = IntegerField(null=True, verbose_name="对象编号")
    name = TextLine("名称", 128)
    done = BooleanField(verbose_name="已办")
    code = TextLine("原因代码", 64)
    text = TextBlock("说明")
    object_version = IntegerField(null=True, verbose_name="办后版本")

    class Panel:
        title, label, owner, year = "批次明细", "name", "batch.unit", "batch.programme"
        columns, search, edit = ("batch", "name", "done", "text"), ("name",), None


class Proposal(Record):
    """What a person was shown before confirming: verb, arguments, ids with their versions. Used once."""

    verb = CharField(max_length=32, verbose_name="办理")
    arguments = JsonField(verbose_name="参数")
    ids = JsonField(verbose_name="编号和版本")
    by = Ref(User, "经办人")
    at = DateTimeField(verbose_name="时间")
    batch = Ref(Batch, "批次", null=True)

    class Panel:
        title, label, read, edit = "拟办", "id", P.ACCOUNTS, None
        columns = ("verb", "by", "at", "batch")

    class Meta:
        indexes = (
            SQL(
                "CREATE UNIQUE INDEX proposal_one_form ON proposal (by_id, verb) WHERE substr(verb, 1, 5) = 'once:'"
            ),
        )


class Upload(Record):
    """A file that came in for import: kept with its hash, and what was found in it (its rows: `UploadRow`).

    `track` null: a list of 往年学员, which are of no year of the panel.
    """

    file_name = TextLine("文件名")
    stored_as = TextLine("存放名", 64)
    sha256 = CharField(max_length=64, verbose_name="摘要")
    size = IntegerField(verbose_name="字节数")
    programme = Ref(Programme, "年度", null=True)
    track = Ref(Track, "培养类别", null=True)
    unit = Ref(Unit, "单位", null=True)
    received_on = DateField(verbose_name="收到日期")
    sealed = BooleanField(default=True, verbose_name="汇总表已签字盖章")
    report = JsonField(verbose_name="核对结果")
    by = Ref(User, "经办人")
    at = DateTimeField(verbose_name="时间")
    batch = Ref(Batch, "批次", null=True)

    class Panel:
        title, label, owner, year = "导入文件", "file_name", "unit", "programme"
        columns, search = ("file_name", "track", "unit", "received_on", "by", "at", "batch"), ("file_name",)
        hidden, edit = {"stored_as", "report"}, None


class UploadRow(Record):
    """One row of an uploaded table: the cells as sent, what was put right, and what storing it would do.

    `marks` is for filters: a word `|level:field|` for each message. The small columns come first, so that a filter
    need not read the long ones.
    """

    upload = Ref(Upload, "导入文件")
    number = IntegerField(verbose_name="行")
    outcome = CharField(max_length=8, verbose_name="结果")
    hidden = BooleanField(default=False, verbose_name="隐藏行")
    choice = TextLine("经办人的选择", 8)
    seen = IntegerField(default=0, verbose_name="核对时的版本", help_text="已有记录核对时的版本；新增为 0")
    name = TextLine("姓名", 128)
    marks = TextBlock("标记")
    cells = JsonField(verbose_name="原有单元格")
    corrections = JsonField(verbose_name="改正")
    values = JsonField(verbose_name="将保存的值")
    places = JsonField(verbose_name="单位和地区")
    messages = JsonField(verbose_name="说明")

    class Panel:
        title, label, owner, year = "导入明细", "name", "upload.unit", "upload.programme"
        columns, edit = ("upload", "number", "name", "outcome"), None
        hidden = {"marks", "cells", "corrections", "values", "places", "messages"}

    class Meta:
        indexes = ((("upload", "number"), True),)
        constraints = [check("upload_row_choice_known", "choice IN ('', 'take', 'skip')")]


class HeaderChoice(Record):
    """What a sender's column is, as the office put it right: used again for the next table of that sender.

    `header` is the normalised text. `field` '': the column is not imported. `unit` null: tables of no one unit.
    """

    unit = Ref(Unit, "选送单位", null=True)
    header = TextLine("规范后的表头")
    written = TextLine("表头")
    field = TextLine("对应字段", 32)
    by = Ref(User, "经办人")
    at = DateTimeField(verbose_name="时间")

    class Panel:
        title, label, owner, edit = "列名对应", "written", "unit", None
        columns, hidden = ("written", "field", "unit", "by", "at"), {"header"}

    class Meta:
        indexes = (
            (("unit", "header"), True),
            SQL("CREATE UNIQUE INDEX header_choice_no_unit ON header_choice (header) WHERE unit_id IS NULL"),
        )


class ExportTemplate(Record):
    """An export as data: resource, columns, filter in the lists' own language, order, sums, the form of the file."""

    name = CharField(max_length=64, unique=True, verbose_name="名称")
    note = TextLine("说明")
    resource = CharField(max_length=32, verbose_name="数据")
    track_code = TextLine("只含类别", 16)
    columns = JsonField(verbose_name="列")
    filter = TextBlock("筛选", help_text="与列表网址中“?”后的写法相同")
    order = TextLine("排序")
    numbered = BooleanField(default=False, verbose_name="带序号")
    format = ChoiceField(c.FileFormat, "格式", default="xlsx")
    encoding = ChoiceField(c.Encoding, "CSV 编码", default="utf-8-sig")
    shipped = TextLine("出厂模板", 64, help_text="恢复时取哪一个；空：办公室自建")

    class Panel:
        title, shared, order = "导出模板", True, ("id",)
        columns, edit = ("name", "resource", "format", "note"), None


class ExportRecord(Record):
    """What was handed out: by whom, when, with which filter, how many rows, masked or not; the copy that was kept.

    `rows_as` names the rows of a template beside the file, each with its number: what has changed since is told by
    them. `unit`: a clerk's, whose rows it has; null: it has those of all units. `sent_on`: when it left the office, to
    whom.
    """

    template = TextLine("模板或列表", 64)
    source = Ref(ExportTemplate, "导出模板", null=True)
    resource = TextLine("数据", 32)
    programme = Ref(Programme, "年度", null=True)
    unit = Ref(Unit, "只含单位", null=True)
    file_name = TextLine("文件名")
    format = CharField(max_length=8, verbose_name="格式")
    filter = JsonField(null=True, verbose_name="筛选")
    row_count = IntegerField(null=True, verbose_name="行数")
    masked = BooleanField(default=True, verbose_name="已遮盖")
    by = Ref(User, "经办人")
    at = DateTimeField(verbose_name="时间")
    sha256 = TextLine("摘要", 64)
    size = IntegerField(null=True, verbose_name="字节数")
    stored_as = TextLine("存放名", 64)
    rows_as = TextLine("内容存放名", 64)
    sent_on = DateField(null=True, verbose_name="报送日期")
    sent_to = TextLine("报送对象", 128)
    sent_by = Ref(User, "报送登记人", null=True)

    class Panel:
        title, label, read, edit = "导出记录", "file_name", P.ACCOUNTS, None
        columns = ("file_name", "template", "format", "row_count", "masked", "by", "at", "sent_on", "sent_to")
        hidden = {"stored_as", "rows_as"}

    class Meta:
        constraints = [check("export_record_sent_to_somebody", "sent_on IS NULL OR sent_to <> ''")]


class SavedView(Record):
    """A list's address under a name: a tab, one's own or shared."""

    by = Ref(User, "用户")
    resource = CharField(max_length=32, verbose_name="列表")
    name = CharField(max_length=64, verbose_name="名称")
    query = TextBlock("地址参数")
    shared = BooleanField(default=False, verbose_name="共享")

    class Panel:
        title, read, edit = "视图", P.ACCOUNTS, None
        columns = ("resource", "name", "by", "shared")

    class Meta:
        indexes = ((("by", "resource", "name"), True),)


class AuditEntry(Record):
    """One change or event: who, when, what, before and after, why, in which batch. Append-only, chained."""

    at = DateTimeField(index=True, verbose_name="时间")
    by_id = IntegerField(index=True, verbose_name="用户编号")
    by_name = CharField(max_length=64, verbose_name="用户")
    action = CharField(max_length=32, verbose_name="动作")
    model = TextLine("对象", 32)
    object_id = IntegerField(null=True, verbose_name="对象编号")
    label = TextLine("名称", 128)
    before = JsonField(null=True, verbose_name="原值")
    after = JsonField(null=True, verbose_name="新值")
    reason = TextBlock("事由")
    batch_id = IntegerField(null=True, index=True, verbose_name="批次")
    hash = CharField(max_length=64, verbose_name="链")

    class Panel:
        title, label, read, edit = "历史", "label", P.ACCOUNTS, None
        columns = ("at", "by_name", "action", "model", "label", "reason", "batch_id")
        search = ("label", "by_name")

    class Meta:
        indexes = ((("model", "object_id"), False),)


class House(Record):
    """What the house knows of itself: the demo's day, the last maintenance."""

    key = CharField(max_length=32, unique=True, verbose_name="项")
    value = TextBlock("值")

    class Panel:
        title, label, read, edit = "系统信息", "id", P.ACCOUNTS, None
        columns = ("key", "value")
