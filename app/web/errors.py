"""The one table from what went wrong to a status and a kind page.

A page says what happened, that nothing was lost, and what can be done; never what else
exists. The sentence of the error itself is shown in the console only, whose people need it.
"""

import logging
from collections.abc import Iterable
from dataclasses import dataclass

from fastapi import FastAPI, Request, Response
from fastapi.exceptions import RequestValidationError
from starlette.exceptions import HTTPException
from starlette.requests import ClientDisconnect
from starlette.types import Scope

from app.database.engine import NO_ANSWER
from app.documents.wording import translator
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
    Overloaded,
    PlanFrozen,
    Problem,
    RoundNotOpen,
    TokenReason,
    TokenRefused,
    TooMany,
    WrongState,
)
from app.survey.text import Language
from app.web.api.problems import PREFIX, problem_document
from app.web.dependencies import chosen_language
from app.web.protection import BodyTooLarge
from app.web.resident.pages import resident_page
from app.workflow.collecting import RETRY_SECONDS

log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class KindPage:
    """A status, and the words of its page as keys of the catalogue."""

    status: int
    heading: str
    advice: str


@dataclass(frozen=True, slots=True)
class Detail:
    """The sentence of an error itself, and its language."""

    sentence: str
    language: Language


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
    TokenRefused: KindPage(
        403, "这次调查要凭邀请或办件评价码填写", "请打开邀请信或办件回执上的链接。"
    ),
    TooMany: KindPage(
        429,
        "从这个网络交得太快了",
        "请过一会儿返回上一页，再点一次提交；您选的答案还在，不会重复计分。",
    ),
    Overloaded: KindPage(
        503,
        "现在人太多，还没有收下",
        "请过一会儿返回上一页，再点一次提交；您选的答案还在，不会重复计分。",
    ),
    MinxinError: KindPage(400, "没有办成", "请稍后再试。"),
    BodyTooLarge: KindPage(413, "内容太长", "请缩短文字后再交。"),
}
NOT_OPEN: dict[NotOpenReason, KindPage] = {
    "not_yet": KindPage(410, "这次调查还没有开始", "谢谢您愿意参加。"),
    "over": KindPage(410, "这次调查已经结束", "谢谢您愿意参加。"),
    "withdrawn": KindPage(410, "这个码已经停用", "请用新贴的码，或者在首页输入新代码。"),
    "full": KindPage(410, "这里要收的份数已经够了", "谢谢您愿意参加。"),
}
TOKEN_REFUSED: dict[TokenReason, KindPage] = {
    "needed": KindPage(
        403, "这次调查要凭邀请或办件评价码填写", "请打开邀请信或办件回执上的链接。"
    ),
    "spent": KindPage(
        409, "这个邀请或评价码已经用过了", "第一次交的答案已经算数，每个码只能用一次。"
    ),
    "invalid": KindPage(
        403,
        "这个邀请或评价码在这里不能用",
        "它可能过期了，或者属于别的地点；请联系发给您的单位。",
    ),
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
    for error in NO_ANSWER:
        application.add_exception_handler(error, _ask_again)
    application.add_exception_handler(HTTPException, _refuse_request)
    application.add_exception_handler(RequestValidationError, _refuse_request)
    application.add_exception_handler(ClientDisconnect, _refuse_request)
    application.add_exception_handler(Exception, _fail)


def refusal(scope: Scope, error: MinxinError) -> Response:
    """The page for a refusal that happened before the application was reached."""
    return _refuse(Request(scope), error)


def kind_page(error: type[Exception]) -> KindPage:
    """The page of an error class, or of the nearest class above it."""
    return next(PAGES[above] for above in error.__mro__ if above in PAGES)


def _refuse(request: Request, error: Exception) -> Response:
    kind = _kind_of(error)
    is_console = _path(request).startswith("/console")
    receipt = error.receipt if isinstance(error, KeyReused) else ""
    reply = error_page(
        request,
        kind,
        detail=_detail(request, error) if is_console else None,
        receipt=receipt,
        problems=error.problems if isinstance(error, InputRefused) else (),
    )
    if isinstance(error, Overloaded):
        reply.headers["Retry-After"] = str(error.retry_after)
    return reply


def _detail(request: Request, error: Exception) -> Detail:
    """What the error itself says, in Chinese where somebody wrote it in Chinese."""
    language = chosen_language(request)
    if isinstance(error, MinxinError) and language == "zh-Hans":
        sentence = error.in_chinese
        return Detail(sentence, language if sentence != str(error) else "en")
    return Detail(str(error), "en")


def _kind_of(error: Exception) -> KindPage:
    if isinstance(error, RoundNotOpen):
        return NOT_OPEN[error.reason]
    if isinstance(error, TokenRefused):
        return TOKEN_REFUSED[error.reason]
    return kind_page(type(error))


def _refuse_request(request: Request, error: Exception) -> Response:
    status = error.status_code if isinstance(error, HTTPException) else 422
    if isinstance(error, ClientDisconnect):
        status = 400  # nobody is there to read it; it must not count as a failure of ours
    reply = error_page(request, BY_STATUS.get(status, BY_STATUS[400]))
    if isinstance(error, HTTPException):
        reply.headers.update(error.headers or {})
    return reply


def _ask_again(request: Request, error: Exception) -> Response:
    # The database is away or held; what it says may quote an answer.
    log.error("the database did not answer: %s", type(error).__name__)
    return _refuse(request, Overloaded(RETRY_SECONDS))


def _fail(request: Request, error: Exception) -> Response:
    # The message of an unforeseen error may hold what somebody wrote: only its kind is logged.
    log.error("request failed: %s", type(error).__name__)
    return error_page(request, BY_STATUS[500])


def error_page(
    request: Request,
    kind: KindPage,
    *,
    detail: Detail | None = None,
    receipt: str = "",
    problems: Iterable[Problem] = (),
) -> Response:
    """A kind page in the language of the request; a program gets a problem document."""
    if _path(request).startswith(PREFIX):
        return problem_document(kind.status, translator("en")(kind.heading), problems)
    language = chosen_language(request)
    return resident_page(
        "errors/error.html",
        language,
        status=kind.status,
        kind=kind,
        detail=detail,
        receipt=receipt,
        asks_for="number" if _path(request).startswith("/r/") else "code",
        is_lost=request.method == "POST" and kind in NOT_OPEN.values(),
    )


def _path(request: Request) -> str:
    # `request.url` raises where the Host header or the query is none; an error page must not.
    return request.scope["path"]
