"""The one table from what went wrong to a status and a kind page.

A page says what happened, that nothing was lost, and what can be done; never what else
exists. The sentence of the error itself is shown in the console only, whose people need it.
"""

import logging
from dataclasses import dataclass

from fastapi import FastAPI, Request
from fastapi.exceptions import RequestValidationError
from starlette.exceptions import HTTPException

from app.errors import (
    AlreadyImported,
    CannotEstimate,
    DocumentFailed,
    InputRefused,
    KeyReused,
    MinxinError,
    NotAllowed,
    NotFound,
    NotOpenReason,
    PlanFrozen,
    RoundNotOpen,
    WrongState,
)
from app.web.dependencies import chosen_language
from app.web.protection import BodyTooLarge
from app.web.rendering import HTMLReply
from app.web.resident.pages import resident_page

log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class KindPage:
    """A status, and the words of its page as keys of the catalogue."""

    status: int
    heading: str
    advice: str


PAGES: dict[type[Exception], KindPage] = {
    NotFound: KindPage(404, "没有找到", "请核对地址或号码，再试一次。"),
    NotAllowed: KindPage(403, "这里不对您开放", "如果您需要进入，请联系主办单位。"),
    RoundNotOpen: KindPage(410, "这次调查现在不能填写", "谢谢您愿意参加。"),
    WrongState: KindPage(409, "现在还不能这样做", "请先完成前一步，再试一次。"),
    PlanFrozen: KindPage(409, "方案已经冻结", "调查开始后方案不能改；请用新的代码另立一轮。"),
    KeyReused: KindPage(
        409, "这份问卷已经交过了", "第一次交的答案已经算数，后来的改动没有收下。"
    ),
    AlreadyImported: KindPage(409, "这个文件已经导入过", "没有重复导入任何一行。"),
    InputRefused: KindPage(422, "有些内容需要改正", "请按提示改正后再交，什么都没有丢。"),
    CannotEstimate: KindPage(422, "这些数据算不出结果", "请看原因，调整方案或补充数据。"),
    DocumentFailed: KindPage(500, "文件没有做成", "请联系管理员。"),
    MinxinError: KindPage(400, "没有办成", "请稍后再试。"),
    BodyTooLarge: KindPage(413, "内容太长", "请缩短文字后再交。"),
}
NOT_OPEN: dict[NotOpenReason, KindPage] = {
    "not_yet": KindPage(410, "这次调查还没有开始", "谢谢您愿意参加。"),
    "over": KindPage(410, "这次调查已经结束", "谢谢您愿意参加。"),
    "withdrawn": KindPage(410, "这个码已经停用", "请用新贴的码，或者在首页输入新代码。"),
}
BY_STATUS: dict[int, KindPage] = {
    400: KindPage(400, "没有看懂这次提交", "请返回上一页，再试一次。"),
    404: PAGES[NotFound],
    405: KindPage(405, "不能这样打开这个地址", "请从二维码或首页进入。"),
    413: PAGES[BodyTooLarge],
    415: KindPage(415, "没有看懂这次提交", "请返回上一页，再试一次。"),
    422: KindPage(422, "没有看懂这次提交", "请返回上一页，再试一次。"),
    500: KindPage(
        500, "我们这边出了问题", "您没有做错什么。请稍后再试；已经给过回执的答案都在。"
    ),
}


def add_error_pages(application: FastAPI) -> None:
    """Answer every refusal and failure with a page."""
    for error in PAGES:
        application.add_exception_handler(error, _refuse)
    application.add_exception_handler(HTTPException, _refuse_request)
    application.add_exception_handler(RequestValidationError, _refuse_request)
    application.add_exception_handler(Exception, _fail)


def kind_page(error: type[Exception]) -> KindPage:
    """The page of an error class, or of the nearest class above it."""
    return next(PAGES[above] for above in error.__mro__ if above in PAGES)


def _refuse(request: Request, error: Exception) -> HTMLReply:
    kind = NOT_OPEN[error.reason] if isinstance(error, RoundNotOpen) else kind_page(type(error))
    is_console = request.url.path.startswith("/console")
    receipt = error.receipt if isinstance(error, KeyReused) else ""
    return error_page(request, kind, detail=str(error) if is_console else "", receipt=receipt)


def _refuse_request(request: Request, error: Exception) -> HTMLReply:
    status = error.status_code if isinstance(error, HTTPException) else 422
    reply = error_page(request, BY_STATUS.get(status, BY_STATUS[400]))
    if isinstance(error, HTTPException):
        reply.headers.update(error.headers or {})
    return reply


def _fail(request: Request, error: Exception) -> HTMLReply:
    # The message of an unforeseen error may hold what somebody wrote: only its kind is logged.
    log.error("request failed: %s", type(error).__name__)
    return error_page(request, BY_STATUS[500])


def error_page(
    request: Request, kind: KindPage, *, detail: str = "", receipt: str = ""
) -> HTMLReply:
    """A kind page in the language of the request."""
    language = chosen_language(request)
    return resident_page(
        "errors/error.html",
        language,
        status=kind.status,
        kind=kind,
        detail=detail,
        receipt=receipt,
        asks_for="number" if request.url.path.startswith("/r/") else "code",
        is_lost=request.method == "POST" and kind in NOT_OPEN.values(),
    )
