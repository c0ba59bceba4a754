"""Error pages: one sentence and a way on. Never an exception's text; the log has the trace by a number."""

from __future__ import annotations

import logging
import secrets

from flask import Flask, current_app, jsonify, request
from flask.typing import ResponseReturnValue
from flask_wtf.csrf import CSRFError
from werkzeug.exceptions import HTTPException

from tepei_admin.database import db
from tepei_admin.errors import NotAllowed, NotFound, Refusal
from tepei_admin.messages import say_all
from tepei_admin.services import accounts
from tepei_admin.views.paths import wants_page
from tepei_admin.views.rights import actor, signed_in

log = logging.getLogger("tepei_admin")

SENTENCES = {
    400: "请求不完整或来源不对，没有处理。请返回上一页，刷新后再试",
    401: "尚未登录，或登录已过期，请重新登录",
    403: "您没有办理此事的权限",
    404: "没有找到这个页面，或您无权查看",
    405: "这个地址不能这样打开",
    413: "提交的内容太大，请分成几份",
    414: "地址太长",
    415: "不能处理这种内容",
    429: "操作太频繁，请稍后再试",
    431: "请求头太长",
    500: "系统出错了，没有保存",
    503: "系统正忙，请稍后再试",
}
EXPIRED = "页面已过期或会话已变，没有处理。请返回上一页，刷新后再提交"


def install(app: Flask) -> None:
    app.register_error_handler(Refusal, refused)
    app.register_error_handler(CSRFError, lambda error: answer(400, EXPIRED))
    app.register_error_handler(
        HTTPException, lambda error: answer(error.code or 500, SENTENCES.get(error.code or 0))
    )
    app.register_error_handler(Exception, unforeseen)


def refused(refusal: Refusal) -> ResponseReturnValue:
    """A refusal that no page has words for. Whoever reaches for what is not theirs is in the history."""
    if isinstance(refusal, NotAllowed | NotFound) and signed_in() and denies(refusal):
        try:
            accounts.denied(actor(), f"{request.method} {request.path}", refusal.status)
        except Exception as error:  # the refusal stands, also where the history cannot be written
            log.error("a denial is not in the history", exc_info=error)
    return answer(refusal.status, say_all(refusal))


def denies(refusal: Refusal) -> bool:
    """No right; or a row that a clerk may not see. For all others a missing row is only a wrong address."""
    return isinstance(refusal, NotAllowed) or (isinstance(refusal, NotFound) and actor().unit_id is not None)


def unforeseen(error: Exception) -> ResponseReturnValue:
    """A database that cannot be had is told as such. Else it is a bug of ours: a number for us, the rest in the log."""
    if db.obj is not None and (refusal := db.obj.refusal(error)):
        log.warning("%s at %s %s: %s", refusal, request.method, request.path, type(error).__name__)
        return answer(refusal.status, say_all(refusal))
    number = secrets.token_hex(4).upper()
    log.error("error %s at %s %s", number, request.method, request.path, exc_info=error)
    return answer(500, f"系统出错了，没有保存。请把编号 {number} 告诉管理员")


def answer(status: int, sentence: str | None) -> ResponseReturnValue:
    """The page, or JSON for what is not a page."""
    sentence = sentence or SENTENCES[500 if status >= 500 else 400]
    if not wants_page():
        return jsonify(error=sentence), status
    page = current_app.jinja_env.get_template(
        "error.html"
    )  # as it is: who is signed in stands in the database
    return page.render(status=status, sentence=sentence), status
