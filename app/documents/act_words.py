"""The audit trail in words: a sentence for every act, a name for every part of its detail."""

import re
from collections.abc import Callable, Iterator, Mapping
from typing import Any

from app.people.acts import ACTS, Subject

Words = Callable[[str], str]

LONGEST_SHOWN = 200
DIGEST = re.compile("[0-9a-f]{64}")
DIGITS_SHOWN = 12


def act_sentences(_: Words) -> dict[str, str]:
    """Act → what was done, with a place for what it was done to."""
    return {
        **_of_rounds(_),
        **_of_screening(_),
        **_of_assessments(_),
        **_of_definitions(_),
        **_of_approvals(_),
        **_of_files(_),
        **_of_people(_),
        **_of_the_platform(_),
    }


def act_names(_: Words) -> dict[str, str]:
    """Act → the same without the object, to choose from."""
    sentences = act_sentences(_)
    return {act: " ".join(sentences[act].format(object="").split()) for act in ACTS}


def act_parts(act: str, _: Words) -> tuple[str, str]:
    """What stands before the object in the sentence of an act, and what after it.

    An act of another version of the program is shown as it is written.
    """
    sentence = act_sentences(_).get(act, f"{act} {{object}}")
    before, _mark, after = sentence.partition("{object}")
    return before, after


def detail_lines(detail: Mapping[str, Any], _: Words) -> Iterator[tuple[str, str]]:
    """The parts of a line's detail: a name, and the value as short text."""
    names = _detail_names(_)
    for key, value in sorted(detail.items()):
        text = _shown(value)
        if text:
            yield names.get(key, key), text


def address_of(act: str, object_: str) -> str:
    """Where the console shows what a line is about; empty where it has no page."""
    place = {
        Subject.ROUND: f"/console/rounds/{object_}",
        Subject.ASSESSMENT: f"/console/assessments/{object_}",
        Subject.PERSON: f"/console/people/{object_}",
    }
    about = ACTS.get(act)
    return place.get(about, "") if about and object_ else ""


def _shown(value: Any) -> str:
    if value is None or value in ("", [], {}):
        return ""
    if isinstance(value, Mapping):
        text = ", ".join(f"{key} {_shown(part)}" for key, part in value.items())
    elif isinstance(value, list):
        text = ", ".join(_shown(part) for part in value)
    elif isinstance(value, str) and DIGEST.fullmatch(value):
        text = f"{value[:DIGITS_SHOWN]}…"
    else:
        text = str(value)
    return text if len(text) <= LONGEST_SHOWN else f"{text[:LONGEST_SHOWN]}…"


def _of_rounds(_: Words) -> dict[str, str]:
    return {
        "draft": _("起草调查 {object}"),
        "open": _("打开调查 {object}，方案冻结"),
        "close": _("结束收集 {object}"),
        "request_run": _("提出计算 {object}"),
        "process": _("算完 {object}"),
        "publish": _("公布结果 {object}"),
        "import": _("导入回答 {object}"),
        "destroy_key": _("销毁作答过程的密钥 {object}"),
        "draw_sample": _("抽取样本并发出邀请 {object}"),
        "issue_tickets": _("发出办事评价凭证 {object}"),
        "revoke_tokens": _("作废邀请或凭证 {object}"),
        "rotate_code": _("给 {object} 的服务点换码"),
        "revoke_code": _("停用 {object} 一个服务点的码"),
        "print_codes": _("打印 {object} 的码"),
        "hand_out_answers": _("导出逐份回答 {object}"),
        "raise_alarms": _("提出异常提示 {object}"),
        "mark_alarm": _("处理异常提示 {object}"),
        "see_texts": _("查看开放回答 {object}"),
        "see_rows": _("查看逐份回答 {object}"),
        "export_results": _("下载计算结果 {object}"),
    }


def _of_screening(_: Words) -> dict[str, str]:
    return {
        "list campaigns": _("查看有共同来历迹象的各组 {object}"),
        "view campaign": _("查看有共同来历迹象的一组 {object}"),
        "keep campaigns": _("记下筛查找到的各组 {object}"),
        "decide campaign": _("核定一组回答 {object}"),
        "confirm decision": _("第二人确认核定 {object}"),
        "revoke decision": _("撤回核定 {object}"),
        "send_test_ratings": _("发出测试评价 {object}"),
        "check_test_ratings": _("核对测试评价 {object}"),
        "give_up_test_ratings": _("放弃测试评价 {object}"),
        "forget_telemetry": _("删除作答过程的记录 {object}"),
    }


def _of_assessments(_: Words) -> dict[str, str]:
    return {
        "ask scoring": _("要求计算考核 {object}"),
        "draft assessment": _("起草考核 {object}"),
        "import values": _("导入指标值 {object}"),
        "undo import": _("撤销导入 {object}"),
        "see_import": _("查看导入的各行 {object}"),
        "record event": _("登记加减分事件 {object}"),
        "event upheld": _("认定加减分事件 {object}"),
        "event overturned": _("撤销加减分事件 {object}"),
        "save scenario": _("保存测算方案 {object}"),
        "score": _("计算综合得分 {object}"),
        "publish scores": _("公布综合得分 {object}"),
    }


def _of_approvals(_: Words) -> dict[str, str]:
    return {
        "ask approval": _("提出调查的待批事项 {object}"),
        "approve approval": _("批准调查的待批事项 {object}"),
        "refuse approval": _("退回调查的待批事项 {object}"),
        "withdraw approval": _("撤回调查的待批事项 {object}"),
        "ask approval of scores": _("提出考核的待批事项 {object}"),
        "approve approval of scores": _("批准考核的待批事项 {object}"),
        "refuse approval of scores": _("退回考核的待批事项 {object}"),
        "withdraw approval of scores": _("撤回考核的待批事项 {object}"),
        "ask approval of weights": _("提出指标体系的待批事项 {object}"),
        "approve approval of weights": _("批准指标体系的待批事项 {object}"),
        "refuse approval of weights": _("退回指标体系的待批事项 {object}"),
        "withdraw approval of weights": _("撤回指标体系的待批事项 {object}"),
    }


def _of_files(_: Words) -> dict[str, str]:
    return {
        "order_file": _("提出做文件 {object}"),
        "take_file": _("下载文件 {object}"),
        "order_file of scores": _("提出做考核文件 {object}"),
        "take_file of scores": _("下载考核文件 {object}"),
        "put_template": _("更换报告模板 {object}"),
    }


def _of_definitions(_: Words) -> dict[str, str]:
    return {
        "start draft": _("起草定义 {object}"),
        "edit draft": _("修改草稿 {object}"),
        "give up draft": _("放弃草稿 {object}"),
        "release definition": _("定稿 {object}"),
    }


def _of_people(_: Words) -> dict[str, str]:
    return {
        "sign_in": _("登录 {object}"),
        "sign_out": _("退出登录 {object}"),
        "welcome person": _("给 {object} 发邀请码"),
        "choose password": _("设定 {object} 的密码"),
        "set up second factor": _("设定 {object} 的第二重验证"),
        "renew recovery codes": _("换 {object} 的备用码"),
        "end visit": _("让 {object} 在别处退出"),
        "link identity": _("关联 {object} 的统一身份认证"),
        "unlink identity": _("取消关联 {object} 的统一身份认证"),
        "take on person": _("增加人员 {object}"),
        "give role": _("给 {object} 一个角色"),
        "take back role": _("收回 {object} 的一个角色"),
        "open office": _("增加单位 {object}"),
        "mark office": _("改动单位 {object} 是否被考核"),
        "deactivate person": _("停用 {object}"),
    }


def _of_the_platform(_: Words) -> dict[str, str]:
    return {
        "restore": _("从备份恢复 {object}"),
        "welcome first administrator": _("发第一位管理员的邀请码 {object}"),
        "sweep_telemetry": _("清除数据库文件中已删除的记录 {object}"),
        "export_audit": _("导出审计日志 {object}"),
        "checkpoint": _("写下日志的校验值 {object}"),
    }


def _detail_names(_: Words) -> dict[str, str]:
    return {
        **_names_of_files(_),
        "run": _("计算编号"),
        "public_run": _("已公布的计算"),
        "plan": _("方案 SHA-256"),
        "cells": _("格数"),
        "import": _("导入编号"),
        "kind": _("种类"),
        "revision": _("修订"),
        "campaign": _("组"),
        "author": _("署名"),
        "office": _("单位"),
        "shown": _("看到的范围"),
        "decision": _("核定编号"),
        "verdict": _("核定意见"),
        "reason": _("理由"),
        "about": _("针对的编号"),
        "batch": _("批次"),
        "point": _("服务点"),
        "before": _("原来的"),
        "count": _("个数"),
        "rows": _("行数"),
        "lines": _("行数"),
        "event": _("事件编号"),
        "evidence": _("佐证 SHA-256"),
        "status": _("状态"),
        "state": _("状态"),
        "note": _("说明"),
        "through": _("覆盖到第几行"),
        "search": _("筛选条件"),
        "sent": _("发出"),
        "number": _("编号"),
        "act": _("动作代码"),
        "role": _("角色"),
    }


def _names_of_files(_: Words) -> dict[str, str]:
    return {
        "file": _("文件"),
        "object": _("对象"),
        "name": _("名称"),
        "sha256": "SHA-256",
        "digest": _("校验值"),
        "document": _("结果 SHA-256"),
    }
