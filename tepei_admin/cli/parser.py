"""The command line's words. Nothing here imports the database: `--help` is quick."""

from __future__ import annotations

import argparse
import datetime as dt
from typing import Any

ROLES = ("viewer", "clerk", "operator", "approver", "admin")
LEVELS = ("region", "league", "county", "branch")


def day(text: str) -> dt.date:
    try:
        return dt.date.fromisoformat(text)
    except ValueError:
        raise argparse.ArgumentTypeError(f"“{text}”不是日期，应如 2019-03-30") from None


def places(text: str) -> int | None:
    if text.strip() in ("", "-", "未分配"):
        return None
    if not (text.isascii() and text.isdigit()):
        raise argparse.ArgumentTypeError(f"“{text}”不是名额数")
    return int(text)


def parser() -> argparse.ArgumentParser:
    """The whole grammar; each leaf names its function in `doors` by `door`."""
    root = argparse.ArgumentParser("tepei-admin", description="特培计划管理后台")
    top = root.add_subparsers(required=True, metavar="命令")
    _house(top)
    _office(top)
    _people(top)
    return root


def _leaf(parent: Any, name: str, door: str, text: str, *, json: bool = False) -> argparse.ArgumentParser:
    leaf: argparse.ArgumentParser = parent.add_parser(name, help=text, description=text)
    leaf.set_defaults(door=door)
    leaf.add_argument("--as", dest="as_user", metavar="USER", help="以该用户的身份和权限办理")
    if json:
        leaf.add_argument("--json", action="store_true", help="输出一个 JSON 值")
    return leaf


def _group(parent: Any, name: str, text: str) -> Any:
    return parent.add_parser(name, help=text, description=text).add_subparsers(required=True, metavar="操作")


def _year(leaf: argparse.ArgumentParser, *, required: bool = True) -> None:
    leaf.add_argument("--programme", type=int, required=required, metavar="YEAR", help="年度")


def _house(top: Any) -> None:
    init = _leaf(top, "init", "init", "建立或升级数据库，装入代码表、2019 年度和报送单位")
    init.add_argument("--no-input", action="store_true", help="不询问管理员账号")
    demo = _leaf(top, "demo", "demo", "用虚构人员填充一个没有人员的数据库")
    demo.add_argument("--people", type=int, metavar="N", help="只生成 N 名申报人，供测量")
    serve = _leaf(top, "serve", "serve", "启动后台")
    serve.add_argument("--host", default="127.0.0.1")
    serve.add_argument("--port", type=int, default=5000)
    serve.add_argument("--workers", type=int, default=1, help="进程数")
    serve.add_argument("--demo", action="store_true", help="用单独的演示数据库，并显示虚构账号")
    audit = _group(top, "audit", "历史")
    _leaf(audit, "verify", "audit_verify", "核对历史链")
    _leaf(top, "doctor", "doctor", "检查设置、数据库和文件", json=True)


def _office(top: Any) -> None:
    user = _group(top, "user", "账号")
    add = _leaf(user, "add", "user_add", "新增账号")
    add.add_argument("name")
    add.add_argument("--role", choices=ROLES, required=True)
    add.add_argument("--unit", metavar="CODE")
    add.add_argument("--password-stdin", action="store_true")
    _leaf(user, "list", "user_list", "列出账号", json=True)
    passwd = _leaf(user, "passwd", "user_passwd", "重设口令")
    passwd.add_argument("name")
    passwd.add_argument("--password-stdin", action="store_true")
    for name, text in (("disable", "停用账号"), ("unlock", "解除锁定")):
        _leaf(user, name, f"user_{name}", text).add_argument("name")
    programme = _group(top, "programme", "年度")
    new = _leaf(programme, "new", "programme_new", "从已有年度复制新年度")
    new.add_argument("year", type=int)
    new.add_argument("--from", dest="source", type=int, required=True, metavar="YEAR")
    _leaf(programme, "list", "programme_list", "列出年度", json=True)
    put = _leaf(programme, "set", "programme_set", "修改一项设置")
    put.add_argument("key")
    put.add_argument("value")
    _year(put)
    _leaf(programme, "show", "programme_show", "年度概况", json=True).add_argument("year", type=int)
    unit = _group(top, "unit", "单位")
    add = _leaf(unit, "add", "unit_add", "新增单位")
    add.add_argument("code")
    add.add_argument("name")
    add.add_argument("--sending", action="store_true")
    add.add_argument("--host", action="store_true")
    add.add_argument("--region", metavar="CODE")
    add.add_argument("--level", choices=LEVELS)
    _leaf(unit, "list", "unit_list", "列出单位", json=True)
    quota = _group(top, "quota", "名额")
    put = _leaf(quota, "set", "quota_set", "设定一个单位的名额")
    _year(put)
    put.add_argument("--track", required=True)
    put.add_argument("--unit", required=True, metavar="CODE")
    put.add_argument("--places", type=places, required=True, metavar="N")
    load = _leaf(quota, "load", "quota_load", "从表格装入名额：单位列，之后每个类别一列；空格为未分配")
    load.add_argument("file")
    _year(load)


def _people(top: Any) -> None:
    take = _leaf(top, "import", "import_", "导入学员汇总表", json=True)
    take.add_argument("file")
    _year(take)
    take.add_argument("--track", required=True)
    take.add_argument("--unit", metavar="CODE")
    take.add_argument("--received", type=day, metavar="DATE")
    take.add_argument("--unsealed", action="store_true", help="汇总表未签字盖章")
    take.add_argument("--dry-run", action="store_true")
    take.add_argument("--accept-good", action="store_true", help="只保存没有错误的行")
    check = _leaf(top, "eligibility", "check_eligibility", "核查资格", json=True)
    _year(check)
    check.add_argument("--track")
    people = _leaf(top, "trainees", "trainees", "列出学员", json=True)
    _year(people)
    people.add_argument("--status")
    do = _leaf(top, "do", "do", "办理一项，如 recommend", json=True)
    do.add_argument("verb")
    _year(do)
    who = do.add_mutually_exclusive_group(required=True)
    who.add_argument("--id", type=int, nargs="+", metavar="N")
    who.add_argument("--all-matching", metavar="STATUS")
    do.add_argument("--on", type=day, metavar="DATE")
    do.add_argument("--reason", default="")
    do.add_argument("--approval-no", default="")
    do.add_argument("--unit", metavar="CODE", help="transfer：调整到的单位")
    do.add_argument("--track", metavar="CODE", help="transfer：调整到的类别")
    do.add_argument("--dry-run", action="store_true")
    requests = _group(top, "requests", "待核准")
    _leaf(requests, "list", "requests_list", "列出待核准事项", json=True)
    decide = _leaf(requests, "decide", "requests_decide", "核准一项（须 --as）")
    decide.add_argument("ref")
    verdict = decide.add_mutually_exclusive_group(required=True)
    verdict.add_argument("--yes", action="store_true")
    verdict.add_argument("--no", action="store_true")
    decide.add_argument("--reason", default="")
    export = _leaf(top, "export", "export", "按模板导出")
    export.add_argument("template", nargs="?")
    _year(export, required=False)
    export.add_argument("--track")
    export.add_argument("--format", choices=("csv", "xlsx"), default="csv")
    export.add_argument("--encoding", choices=("utf-8-sig", "gb18030"), default="utf-8-sig")
    export.add_argument("-o", "--output", metavar="FILE")
    export.add_argument("--list", action="store_true", help="列出模板")
    batch = _group(top, "batch", "批次")
    _leaf(batch, "list", "batch_list", "列出批次", json=True)
    _leaf(batch, "undo", "batch_undo", "撤销一个批次", json=True).add_argument("number", type=int)
