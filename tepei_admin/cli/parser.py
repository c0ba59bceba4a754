"""The command line's words. Nothing here imports the database: `--help` is quick."""

from __future__ import annotations

import argparse
import datetime as dt
import re
from collections.abc import Callable
from typing import Any, NoReturn

ROLES = ("viewer", "clerk", "operator", "approver", "admin")
LEVELS = ("region", "league", "county", "branch")
LARGEST = 2_147_483_647
"""What a row's number can be."""

# What argparse says, and what we say.
_SAID = (
    (r"the following arguments are required: (.*)", "缺少参数：{0}"),
    (r"argument (.*?): invalid choice: (.*) \(choose from (.*)\)", "{0}：没有 {1}；可用：{2}"),
    (r"argument (.*?): expected .*argument.*", "{0}：缺少它的值"),
    (r"argument (.*?): not allowed with argument (.*)", "{0} 不能与 {1} 同用"),
    (r"one of the arguments (.*) is required", "须给出其中之一：{0}"),
    (r"unrecognized arguments: (.*)", "不认识的参数：{0}"),
    (r"ambiguous option: (.*) could match (.*)", "{0} 不完整，可能是：{1}"),
    (r"argument (.*?): (.*)", "{0}：{1}"),
)


class _Help(argparse.HelpFormatter):
    def add_usage(self, usage: Any, actions: Any, groups: Any, prefix: str | None = None) -> None:
        super().add_usage(usage, actions, groups, "用法：" if prefix is None else prefix)


class Parser(argparse.ArgumentParser):
    """argparse in Chinese."""

    def __init__(self, *args: Any, **options: Any) -> None:
        super().__init__(
            *args, **{"formatter_class": _Help, "add_help": False, "allow_abbrev": False, **options}
        )
        self._positionals.title, self._optionals.title = "参数", "选项"
        self.add_argument("-h", "--help", action="help", help="显示说明")

    def parse_args(self, args: Any = None, namespace: Any = None) -> Any:
        """What a command does not know is told with that command's own usage."""
        options, unknown = self.parse_known_args(args, namespace)
        if unknown:
            options.leaf.error(f"unrecognized arguments: {' '.join(unknown)}")
        return options

    def error(self, message: str) -> NoReturn:
        for pattern, sentence in _SAID:
            if found := re.fullmatch(pattern, message, re.DOTALL):
                message = sentence.format(*found.groups())
                break
        self.exit(2, f"{self.format_usage()}{message}\n")


def day(text: str) -> dt.date:
    try:
        return dt.date.fromisoformat(text)
    except ValueError:
        raise argparse.ArgumentTypeError(f"“{text}”不是日期，应如 2019-03-30") from None


def within(least: int, most: int, what: str) -> Callable[[str], int]:
    """A whole number from `least` to `most`."""

    def number(text: str) -> int:
        if not (text.isascii() and text.isdigit() and len(text) < 12 and least <= int(text) <= most):
            raise argparse.ArgumentTypeError(f"“{text}”不是{what}（{least} 至 {most} 的整数）")
        return int(text)

    return number


def places(text: str) -> int | None:
    """Places of a quota; nothing: not allocated."""
    return None if text.strip() in ("", "-", "未分配") else within(0, 100_000, "名额数")(text.strip())


_year_number, _row_number = within(1, 9999, "年度"), within(1, LARGEST, "编号")


def parser() -> Parser:
    """The whole grammar; each leaf names its function by `door`."""
    root = Parser("tepei-admin", description="特培计划管理后台")
    top = root.add_subparsers(required=True, metavar="命令", title="命令")
    _house(top)
    _accounts(top)
    _programmes(top)
    _people(top)
    _past(top)
    _payments(top)
    _records(top)
    _certificates(top)
    return root


def _leaf(parent: Any, name: str, door: str, text: str, *, json: bool = False, acts: bool = True) -> Parser:
    leaf: Parser = parent.add_parser(name, help=text, description=text)
    leaf.set_defaults(door=door, leaf=leaf)
    if acts:
        leaf.add_argument("--as", dest="as_user", metavar="USER", help="以该用户的身份和权限办理")
    if json:
        leaf.add_argument("--json", action="store_true", help="只输出一个 JSON 值")
    return leaf


def _group(parent: Any, name: str, text: str) -> Any:
    group = parent.add_parser(name, help=text, description=text)
    return group.add_subparsers(required=True, metavar="操作", title="操作")


def _year(leaf: Parser, *, required: bool = True) -> None:
    leaf.add_argument("--programme", type=_year_number, required=required, metavar="YEAR", help="年度")


def _track(leaf: Parser, *, required: bool = False, text: str = "培养类别") -> None:
    leaf.add_argument("--track", metavar="CODE", required=required, help=text)


def _house(top: Any) -> None:
    init = _leaf(top, "init", "init", "建立或升级数据库，装入代码表、2019 年度和报送单位", acts=False)
    init.add_argument("--no-input", action="store_true", help="不询问第一个管理员的账号")
    demo = _leaf(top, "demo", "demo", "用虚构人员填充一个没有人员的数据库", acts=False)
    people = within(1, 1_000_000, "人数")
    size = demo.add_mutually_exclusive_group()
    size.add_argument(
        "--full-year",
        action="store_true",
        help="整整 80 人一年培养期满，经费付清、证书发完，演示日为 2020-12-31",
    )
    size.add_argument("--people", type=people, metavar="N", help="只生成 N 名申报人，供测量")
    serve = _leaf(top, "serve", "serve", "启动后台", acts=False)
    serve.add_argument("--host", default="127.0.0.1", help="监听的地址（默认 127.0.0.1，只有本机能访问）")
    serve.add_argument("--port", type=within(0, 65535, "端口"), default=5000, help="端口（默认 5000）")
    serve.add_argument(
        "--workers", type=within(1, 64, "进程数"), default=1, metavar="N", help="进程数（默认 1）"
    )
    serve.add_argument("--demo", action="store_true", help="用单独的演示数据库，并显示其虚构账号")
    audit = _group(top, "audit", "历史")
    _leaf(audit, "verify", "audit_verify", "核对历史链")
    _leaf(audit, "renew", "audit_renew", "数据目录中的历史链末尾丢失、与备份核对无误后，重新记下")
    backup = _leaf(top, "backup", "backup", "备份数据库和附件，办公照常进行")
    backup.add_argument("-o", "--output", metavar="FILE", help="写到哪里（默认数据目录下 backups/）")
    restore = _leaf(top, "restore", "restore", "把备份恢复到一个新的地方，并核对", acts=False)
    restore.add_argument("file", metavar="FILE", help="备份文件")
    restore.add_argument("--into", required=True, metavar="DIR|URL", help="新的数据目录，或空数据库的地址")
    move = _leaf(top, "move", "move", "把整个数据库搬到另一个空数据库，并核对", acts=False)
    move.add_argument("--to", required=True, metavar="URL", help="sqlite:///路径 或 postgresql://…")
    _leaf(_group(top, "files", "附件"), "clear", "files_clear", "清理不属于任何记录的文件")
    _leaf(top, "doctor", "doctor", "检查设置、数据库和文件", json=True, acts=False)


def _accounts(top: Any) -> None:
    user = _group(top, "user", "账号")
    add = _leaf(user, "add", "user_add", "新增账号")
    add.add_argument("name", metavar="NAME", help="用户名")
    add.add_argument("--role", choices=ROLES, required=True, help="角色：查阅、单位经办、经办、审批、管理")
    add.add_argument("--unit", metavar="CODE", help="单位经办的单位")
    add.add_argument("--password-stdin", action="store_true", help="从标准输入读口令")
    _leaf(user, "list", "user_list", "列出账号", json=True)
    passwd = _leaf(user, "passwd", "user_passwd", "重设口令")
    passwd.add_argument("name", metavar="NAME", help="用户名")
    passwd.add_argument("--password-stdin", action="store_true", help="从标准输入读口令")
    for name, text in (("disable", "停用账号"), ("unlock", "解除锁定")):
        _leaf(user, name, f"user_{name}", text).add_argument("name", metavar="NAME", help="用户名")


def _programmes(top: Any) -> None:
    programme = _group(top, "programme", "年度计划")
    new = _leaf(programme, "new", "programme_new", "从已有年度复制出新年度")
    new.add_argument("year", type=_year_number, metavar="YEAR", help="新年度")
    new.add_argument(
        "--from", dest="source", type=_year_number, required=True, metavar="YEAR", help="从哪一年复制"
    )
    _leaf(programme, "list", "programme_list", "列出年度", json=True)
    put = _leaf(programme, "set", "programme_set", "修改一项设置")
    put.add_argument("key", metavar="KEY", help="设置项")
    put.add_argument("value", metavar="VALUE", help="值")
    _year(put)
    shown = _leaf(programme, "show", "programme_show", "年度概况", json=True)
    shown.add_argument("year", type=_year_number, metavar="YEAR", help="年度")
    unit = _group(top, "unit", "单位")
    add = _leaf(unit, "add", "unit_add", "新增单位")
    add.add_argument("code", metavar="CODE", help="代码")
    add.add_argument("name", metavar="NAME", help="名称")
    add.add_argument("--sending", action="store_true", help="选送单位")
    add.add_argument("--host", action="store_true", help="培养单位")
    add.add_argument("--region", metavar="CODE", help="所在地区的行政区划代码")
    add.add_argument("--level", choices=LEVELS, help="层级：自治区直属、盟市、旗县、驻盟市的区直分支机构")
    _leaf(unit, "list", "unit_list", "列出单位", json=True)
    quota = _group(top, "quota", "名额")
    put = _leaf(quota, "set", "quota_set", "设定一个单位的名额")
    _year(put)
    _track(put, required=True)
    put.add_argument("--unit", required=True, metavar="CODE", help="单位")
    put.add_argument("--places", type=places, required=True, metavar="N", help="名额；- 为尚未分配")
    load = _leaf(quota, "load", "quota_load", "从表格装入名额：单位一列，右边每个类别一列；空格为尚未分配")
    load.add_argument("file", metavar="FILE", help="表格")
    _year(load)


def _people(top: Any) -> None:
    take = _leaf(top, "import", "import_", "导入学员汇总表", json=True)
    take.add_argument("file", metavar="FILE", help="汇总表")
    _year(take)
    _track(take, required=True)
    take.add_argument("--unit", metavar="CODE", help="选送单位（默认按表中所写）")
    take.add_argument("--received", type=day, metavar="DATE", help="收到日期（默认今天）")
    take.add_argument("--unsealed", action="store_true", help="汇总表未签字盖章")
    take.add_argument("--dry-run", action="store_true", help="只核对，不保存")
    take.add_argument("--accept-good", action="store_true", help="有错误时仍保存没有错误的行")
    take.add_argument("--errors-to", metavar="FILE", help="把有错误的行写成工作簿（.xlsx），供退回改正")
    form = _leaf(top, "template", "template", "空白的学员汇总表")
    _year(form)
    _track(form, required=True)
    form.add_argument("-o", "--output", required=True, metavar="FILE", help="写到这个文件（.xlsx）")
    check = _leaf(top, "eligibility", "check_eligibility", "核查资格", json=True)
    _year(check)
    _track(check)
    people = _leaf(top, "trainees", "trainees", "列出学员", json=True)
    _year(people)
    people.add_argument("--status", metavar="STATUS", help="只列此状态，如 applied")
    do = _leaf(top, "do", "do", "对一批人办理一项，如 recommend", json=True)
    do.add_argument("verb", metavar="VERB", help="办理")
    _whom(do)
    do.add_argument("--reason", default="", metavar="TEXT", help="事由（attest：证明材料）")
    do.add_argument("--approval-no", default="", metavar="TEXT", help="批准文号")
    do.add_argument("--set", action="append", default=[], metavar="NAME=VALUE", help="其他参数，如 host=H001")
    do.add_argument("--unit", metavar="CODE", help="transfer：调整到的单位")
    _track(do, text="transfer：调整到的类别")
    do.add_argument("--dry-run", action="store_true", help="只看会怎样，不办理")


def _past(top: Any) -> None:
    past = _group(top, "past", "往年学员")
    load = _leaf(past, "load", "past_load", "导入一份往年学员名单（身份证号、姓名、年度、结果）", json=True)
    load.add_argument("file", metavar="FILE", help="名单")
    load.add_argument("--year", type=_year_number, metavar="YEAR", help="表中没有“年度”列时，全表的年度")
    load.add_argument("--dry-run", action="store_true", help="只核对，不保存")
    load.add_argument("--accept-good", action="store_true", help="有错误时也保存没有错误的行")
    _leaf(past, "list", "past_list", "列出往年学员", json=True)


def _payments(top: Any) -> None:
    payments = _group(top, "payments", "经费")
    propose = _leaf(payments, "propose", "payments_propose", "为应付的人提出学费或生活补贴", json=True)
    _year(propose)
    propose.add_argument(
        "--kind", choices=("tuition", "stipend"), required=True, help="学费和住宿费，或生活补贴"
    )
    propose.add_argument(
        "--id", type=_row_number, nargs="+", action="extend", metavar="N", help="只为这些学员"
    )
    propose.add_argument("--dry-run", action="store_true", help="只看会提出什么，不保存")
    listed = _leaf(payments, "list", "payments_list", "列出经费", json=True)
    _year(listed)
    steps = {
        "approve": "核准（须用 --as 指定核准人）",
        "pay": "登记支付",
        "void": "作废未支付的",
        "reverse": "为已支付的提出冲正",
    }
    for name, text in steps.items():
        step = _leaf(payments, name, f"payments_{name}", text, json=True)
        _year(step)
        which = step.add_mutually_exclusive_group(required=True)
        which.add_argument("--id", type=_row_number, nargs="+", action="extend", metavar="N", help="经费编号")
        which.add_argument("--kind", metavar="KIND", help="此种经费中可办的全部，如 tuition")
        step.add_argument("--on", type=day, metavar="DATE", help="日期（默认今天）")
        step.add_argument("--voucher", default="", metavar="TEXT", help="凭证号（pay）")
        step.add_argument("--reason", default="", metavar="TEXT", help="事由")


def _whom(leaf: Parser) -> None:
    """To whom a verb is done, and when."""
    _year(leaf)
    who = leaf.add_mutually_exclusive_group(required=True)
    who.add_argument("--id", type=_row_number, nargs="+", action="extend", metavar="N", help="学员编号")
    who.add_argument("--all-matching", metavar="STATUS", help="此状态的全部学员")
    leaf.add_argument("--on", type=day, metavar="DATE", help="日期（默认今天）")


def _certificates(top: Any) -> None:
    papers = _group(top, "certificates", "结业证书")
    issue = _leaf(papers, "issue", "do", "发证（即 do certify）", json=True)
    nothing: dict[str, Any] = {"reason": "", "approval_no": "", "set": [], "unit": None, "track": None}
    issue.set_defaults(verb="certify", **nothing)
    _whom(issue)
    issue.add_argument("--dry-run", action="store_true", help="只看会怎样，不办理")
    pdf = _leaf(papers, "pdf", "certificates_pdf", "一个年度有效的证书，合成一个 PDF")
    _year(pdf)
    pdf.add_argument("--id", type=_row_number, nargs="+", action="extend", metavar="N", help="只要这些学员的")
    pdf.add_argument("-o", "--output", required=True, metavar="FILE", help="写到哪里")
    check = _leaf(papers, "verify", "certificates_verify", "查验一份证书", json=True)
    check.add_argument("number", metavar="NUMBER", help="证书编号")
    check.add_argument("code", metavar="CODE", help="查验码")


def _records(top: Any) -> None:
    requests = _group(top, "requests", "待核准事项")
    _leaf(requests, "list", "requests_list", "列出待核准事项", json=True)
    decide = _leaf(requests, "decide", "requests_decide", "核准一项（须用 --as 指定核准人）")
    decide.add_argument("ref", metavar="ID", help="事项，如 request-3")
    verdict = decide.add_mutually_exclusive_group(required=True)
    verdict.add_argument("--yes", action="store_true", help="同意")
    verdict.add_argument("--no", action="store_true", help="不同意")
    decide.add_argument("--reason", default="", metavar="TEXT", help="意见")
    export = _leaf(top, "export", "export", "按模板导出")
    export.add_argument("template", nargs="?", metavar="TEMPLATE", help="模板名称")
    _year(export, required=False)
    _track(export)
    export.add_argument("--format", metavar="csv|xlsx", help="格式（默认看文件名，再看模板）")
    export.add_argument("--encoding", metavar="utf-8-sig|gb18030", help="CSV 的编码（默认看模板）")
    export.add_argument("-o", "--output", metavar="FILE", help="写到哪里")
    export.add_argument("--list", action="store_true", help="列出模板")
    batch = _group(top, "batch", "批次")
    _leaf(batch, "list", "batch_list", "列出批次", json=True)
    undo = _leaf(batch, "undo", "batch_undo", "撤销一个批次", json=True)
    undo.add_argument("number", type=_row_number, metavar="N", help="批次号")
