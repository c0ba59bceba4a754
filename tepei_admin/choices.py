"""The closed lists of the programme: values as stored, labels as read on screen."""

from __future__ import annotations

from enum import StrEnum


class Choice(StrEnum):
    """A stored value with its Chinese label: `Status.APPLIED.label == "已申报"`."""

    label: str

    def __new__(cls, value: str, label: str = "") -> Choice:
        member = str.__new__(cls, value)
        member._value_ = value
        member.label = label
        return member

    @classmethod
    def choices(cls) -> list[tuple[str, str]]:
        """(value, label) pairs in the order of declaration, for fields and forms."""
        return [(member.value, member.label) for member in cls]

    @classmethod
    def label_of(cls, value: object) -> str:
        """The label of a stored value; the value itself where it is not one of ours."""
        try:
            return cls(str(value)).label
        except ValueError:
            return "" if value is None else str(value)


class Role(Choice):
    VIEWER = "viewer", "查阅"
    CLERK = "clerk", "单位经办"
    OPERATOR = "operator", "经办"
    APPROVER = "approver", "审批"
    ADMIN = "admin", "管理"


class Status(Choice):
    """Where a trainee stands. The road, then the side exits."""

    APPLIED = "applied", "已申报"
    RECOMMENDED = "recommended", "已推荐"
    ADMITTED = "admitted", "已录取"
    NOTIFIED = "notified", "已通知"
    TRAINING = "training", "在培"
    COMPLETED = "completed", "考核合格"
    CERTIFIED = "certified", "已发证"
    REJECTED = "rejected", "未录取"
    WITHDRAWN = "withdrawn", "已撤回"
    NO_SHOW = "no_show", "无故未报到"
    TERMINATED = "terminated", "已终止"
    DISQUALIFIED = "disqualified", "已取消资格"
    FAILED = "failed", "考核未通过"


ROAD = (
    Status.APPLIED,
    Status.RECOMMENDED,
    Status.ADMITTED,
    Status.NOTIFIED,
    Status.TRAINING,
    Status.COMPLETED,
    Status.CERTIFIED,
)
SIDE_EXITS = tuple(status for status in Status if status not in ROAD)


class Verb(Choice):
    """The verbs of a trainee's life (domain: "A trainee's life")."""

    RECOMMEND = "recommend", "推荐"
    ADMIT = "admit", "录取"
    NOTIFY = "notify", "通知报到"
    REPORT_IN = "report_in", "报到"
    COMPLETE = "complete", "结业考核"
    CERTIFY = "certify", "发证"
    VOID_CERTIFICATE = "void_certificate", "证书作废"
    REVOKE_CERTIFICATE = "revoke_certificate", "证书撤销"
    TRANSFER = "transfer", "调整单位或类别"
    REJECT = "reject", "不予录取"
    WITHDRAW = "withdraw", "撤回"
    NO_SHOW = "no_show", "无故不报到"
    TERMINATE = "terminate", "终止"
    DISQUALIFY = "disqualify", "取消资格"
    REINSTATE = "reinstate", "恢复"
    ATTEST = "attest", "登记单位证明"
    UNDO = "undo", "撤销批次"


class Result(Choice):
    """The overall result of an eligibility check."""

    ELIGIBLE = "eligible", "符合"
    PENDING = "pending", "待定"
    INELIGIBLE = "ineligible", "不符合"


class Verdict(Choice):
    MET = "met", "符合"
    NOT_MET = "not_met", "不符合"
    UNKNOWN = "unknown", "未填报"
    NEEDS_DECISION = "needs_decision", "待认定"


class Rule(Choice):
    """The rules of 二 and 三, in the order in which a person reads them."""

    MINORITY = "minority", "少数民族"
    AGE = "age", "年龄"
    ROUTE = "route", "学历年限或职称"
    HEALTH = "health", "身心健康"
    CONDUCT = "conduct", "政治和品行"
    LEVEL = "level", "单位层级"
    ONCE = "once", "不重复参加"
    SCOPE = "scope", "选拔范围"
    FIELD = "field", "重点领域"
    ON_TIME = "on_time", "按时报送"


class HostRegion(Choice):
    IN = "in", "自治区内"
    OUT = "out", "自治区外"
    ANY = "any", "不限"


class UnitLevelRule(Choice):
    """Which sending units a track takes (三)."""

    ANY = "any", "不限"
    LEAGUE = "league", "盟市及以下"


class UnitLevel(Choice):
    REGION = "region", "自治区直属"
    LEAGUE = "league", "盟市"
    COUNTY = "county", "旗县"
    BRANCH = "branch", "驻盟市的区直分支机构"


class Schooling(Choice):
    """The schooling that a route asks for (学历, not degree)."""

    BACHELOR = "bachelor", "大学本科"
    MASTER = "master", "硕士研究生"


class FieldOfWork(Choice):
    """The four fields of 一（一）."""

    ECONOMY = "economy", "工程、教育、卫生、农牧业等急需紧缺领域"
    RESEARCH = "research", "科技研发和自主创新重大工程"
    DIGITAL = "digital", "互联网、大数据、人工智能等新型领域"
    OTHER = "other", "其他有发展潜力的领域"


class Arranger(Choice):
    """Who finds the host (九（二）)."""

    MINISTRY = "ministry", "部留学人员和专家服务中心"
    DEPARTMENT = "department", "专业技术人员管理处牵头，自治区服务中心承办"


class PlacementState(Choice):
    PROPOSED = "proposed", "拟定"
    CONFIRMED = "confirmed", "已落实"
    CURRENT = "current", "在培"
    ENDED = "ended", "已结束"
    REPLACED = "replaced", "已变更"
    CANCELLED = "cancelled", "已取消"


class LeaveKind(Choice):
    LEAVE = "leave", "请假"
    ABSENCE = "absence", "未经批准离开"


class LeaveState(Choice):
    ASKED = "asked", "待批准"
    GRANTED = "granted", "已批准"
    REFUSED = "refused", "未批准"
    RETURNED = "returned", "已销假"


class LeaveAnswer(Choice):
    """What the host said, when a leave is put on record."""

    GRANTED = "granted", "培养单位已批准"
    ASKED = "asked", "等待培养单位答复"
    REFUSED = "refused", "培养单位未批准"


class AssessmentKind(Choice):
    YEARLY = "yearly", "年度考核"
    COMPLETION = "completion", "结业考核"


class Grade(Choice):
    """七（六）: four grades, best first."""

    EXCELLENT = "excellent", "优秀"
    PASS = "pass", "合格"
    BASIC = "basic", "基本合格"
    FAIL = "fail", "不合格"


class DocumentKind(Choice):
    """七（二）: the papers of a trainee's file."""

    BASIC = "basic", "基本情况及单位推荐意见"
    APPLICATION = "application", "学员申报表"
    TRANSCRIPT = "transcript", "考试成绩单"
    ASSESSMENT = "assessment", "考核表"
    HOST_OPINION = "host_opinion", "培养单位鉴定意见"
    COPIES = "copies", "相关材料复印件"
    OTHER = "other", "其他"


class TerminationPath(Choice):
    """六（四）, or one of the three cases of 六（六）. Always an explicit choice."""

    FOR_CAUSE = "for_cause", "因故终止（六（四））"
    NO_SHOW = "no_show", "无故不报到（六（六）1）"
    LEFT = "left", "无故停止学习（六（六）2）"
    DISCIPLINE = "discipline", "违反规章影响恶劣（六（六）3）"


class TerminationState(Choice):
    OPENED = "opened", "已立案"
    CONFIRMED = "confirmed", "培养单位已确认"
    DECIDED = "decided", "已决定"
    SETTLED = "settled", "已结清"
    DROPPED = "dropped", "已撤案"
    OVERTURNED = "overturned", "已推翻"


class PaymentKind(Choice):
    TUITION = "tuition", "学费和住宿费"
    STIPEND = "stipend", "生活补贴"
    REFUND = "refund", "退费"
    RECOVERY = "recovery", "追缴"
    REMISSION = "remission", "减免"
    REPAYMENT = "repayment", "退还多收"
    REVERSAL = "reversal", "冲正"


class PaymentState(Choice):
    DRAFT = "draft", "待核准"
    APPROVED = "approved", "已核准"
    PAID = "paid", "已支付"
    VOID = "void", "已作废"


class WaiverKind(Choice):
    FINDING = "finding", "资格条件"
    QUOTA = "quota", "超名额"
    GRADE = "grade", "考核等次"


class RequestState(Choice):
    """What waits for a second person, and what became of it."""

    OPEN = "open", "待核准"
    APPROVED = "approved", "已同意"
    REFUSED = "refused", "未同意"


class CertificateState(Choice):
    ISSUED = "issued", "有效"
    VOID = "void", "已作废"
    REVOKED = "revoked", "已撤销"


class LetterKind(Choice):
    NOTIFY = "notify", "报到通知"
    CIRCULAR = "circular", "取消资格通报"
    RECOVERY = "recovery", "追缴通知书"


class PastOutcome(Choice):
    """What became of somebody in a year before the panel."""

    CERTIFIED = "certified", "已结业"
    FAILED = "failed", "考核未通过"
    TERMINATED = "terminated", "已终止"
    NO_SHOW = "no_show", "无故未报到"
    DISQUALIFIED = "disqualified", "已取消资格"
    APPLIED = "applied", "申报未录取"


class FollowUpKind(Choice):
    CALL = "call", "电话"
    VISIT = "visit", "走访"
    LETTER = "letter", "来函"
    TRIP = "trip", "往返路费"
    PARTY = "party", "组织生活"
    COMPLAINT = "complaint", "工资待遇反映"
    OTHER = "other", "其他"


class BatchState(Choice):
    DONE = "done", "已完成"
    UNDONE = "undone", "已撤销"
    PARTLY_UNDONE = "partly_undone", "部分撤销"


class AgeReading(Choice):
    COMPLETED = "completed", "周岁不超过限龄"
    BORN_AFTER = "born_after", "在基准日减限龄之日或以后出生"


class LeaveDeduction(Choice):
    ALL = "all", "扣除"
    OFF = "off", "不扣除"
    BEYOND = "beyond", "超过天数才扣除"


class Switch(Choice):
    OFF = "off", "否"
    ON = "on", "是"


class TuitionWhen(Choice):
    REPORT_IN = "report_in", "报到后"
    ADMISSION = "admission", "录取后"


class RecoveryRule(Choice):
    FULL = "full", "全额"
    PRO_RATA = "pro_rata", "按已培天数折算"


class RecoveryPayer(Choice):
    TRAINEE = "trainee", "本人"
    UNIT = "unit", "选送单位"


class DocumentsRule(Choice):
    WARN = "warn", "提示"
    BLOCK = "block", "不齐不发证"


class EarlierParticipation(Choice):
    DECIDE = "decide", "待认定"
    NOTE = "note", "仅提示"


class FileFormat(Choice):
    XLSX = "xlsx", "Excel 表格（xlsx）"
    CSV = "csv", "CSV 文件"


class Encoding(Choice):
    """Of CSV files; both are Python's own names."""

    UTF_8 = "utf-8-sig", "UTF-8"
    GB18030 = "gb18030", "GB18030（旧系统）"
