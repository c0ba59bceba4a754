"""What codes that are kept as plain text mean on screen: a table's name, a verb, what the history calls things."""

from __future__ import annotations

from collections.abc import Callable

from tepei_admin.choices import Choice, Verb
from tepei_admin.exchange import catalogue
from tepei_admin.schema import all_models


class Action(Choice):
    """What happened, in the history."""

    INSERT = "insert", "新增"
    INSERT_MANY = "insert_many", "批量新增"
    UPDATE = "update", "修改"
    DELETE = "delete", "删除"
    REVEAL = "reveal", "查看完整号码"
    CORRECT = "correct", "改正导入文件"
    EXPORT = "export", "导出"
    EXPORT_COPY = "export_copy", "再次下载导出文件"
    DOWNLOAD = "download", "下载附件"
    BACKUP = "backup", "备份"
    BACKUP_DOWNLOAD = "backup_download", "下载备份"
    BACKUP_DELETE = "backup_delete", "删除备份"
    HEAD_RENEWED = "head_renewed", "重新记下历史链末尾"
    CLEAR_FILES = "clear_files", "清理文件"
    LOGIN = "login", "登录"
    LOGIN_FAILED = "login_failed", "登录失败"
    LOGOUT = "logout", "退出"
    DENIED = "denied", "越权被拒"


OWN_VERBS = {"import": "导入", "edit": "修改", "check": "核查资格"}
"""What a batch may be beside the verbs of a trainee's life."""


def actions() -> dict[str, str]:
    return dict(Action.choices())


def verbs() -> dict[str, str]:
    return dict(Verb.choices()) | OWN_VERBS


def tables() -> dict[str, str]:
    return {model._meta.table_name: model.panel.title for model in all_models()}


def resources() -> dict[str, str]:
    """Tables, and what an export reckons from them."""
    return tables() | catalogue.resources()


SPELT: dict[str, Callable[[], dict[str, str]]] = {
    "action": actions,
    "verb": verbs,
    "model": tables,
    "resource": resources,
}
"""Text columns of these names hold such codes."""
