"""Responses and a probability sample read from CSV files into what the examination takes.

The responses are put into the order of their identifiers, so that the same responses give
the same result in whatever order a file holds them.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, fields
from datetime import date
from pathlib import Path
from typing import Any

import numpy as np

from app.anomaly.submissions import Reference, Submissions, mean_places
from app.errors import InputRefused, Problem
from app.survey.sample import Flags, Floats, Labels
from app.survey.text import Text
from app.workflow.screen_file.anonymous import read_comments, read_networks
from app.workflow.screen_file.columns import REQUIRED, Columns, find_columns, unused_notices
from app.workflow.screen_file.items import (
    NOTHING_SAID,
    Items,
    Scale,
    Wanted,
    find_items,
    read_answers,
)
from app.workflow.screen_file.paradata import (
    read_assured,
    read_dwell,
    read_labels,
    read_times,
)
from app.workflow.screen_file.sheet import Complaints, Sheet, read_sheet

ROUNDED = ("e+", "E+")


@dataclass(frozen=True, slots=True)
class ResponseFile:
    """The responses of a file, and what has to be said of how it was read."""

    submissions: Submissions
    """Those with an answer, in the order of their identifiers."""
    everyone: Labels
    """Every identifier, as the file orders them."""
    scales: Mapping[str, Scale]
    """Item → its scale, in the order of the answers' columns."""
    wanted: Wanted
    first_day: date | None
    """Day of minute 0; None without times."""
    notices: tuple[Text, ...]


@dataclass(frozen=True, slots=True)
class Read:
    """Columns of a file that are read before the others, in its order."""

    scales: Mapping[str, Scale]
    answers: Floats
    minute: Floats
    network: Labels


def read_responses(path: Path, wanted: Wanted = NOTHING_SAID) -> Submissions:
    """The responses of a file. Raises InputRefused with every mistake in it."""
    return read_response_file(path, wanted).submissions


def read_response_file(path: Path, wanted: Wanted = NOTHING_SAID) -> ResponseFile:
    """The responses of a file and notices. Raises InputRefused with every mistake in it."""
    complaints = Complaints(path.name)
    sheet = read_sheet(path, complaints)
    columns = find_columns(sheet, complaints, REQUIRED)
    items = find_items(sheet, columns, wanted, complaints)
    answers = read_answers(sheet, items.scales, wanted, complaints)
    times = read_times(sheet, columns, complaints)
    network, of_networks = read_networks(sheet, columns)
    read = Read(items.scales, answers, times.minute, network)
    whole = _submissions(sheet, columns, complaints, read)
    for column, labels in (("response_id", whole.identifier), ("point_id", whole.point)):
        _complain_of_empty(sheet, columns.headings.get(column), labels, complaints)
    _complain_of_twice(sheet, columns.headings.get("response_id"), whole.identifier, complaints)
    complaints.refuse()
    given = ~np.isnan(whole.score)
    if not given.any():
        said = "holds no answer at all", "Check --items and --no-opinion."
        complaints.file(said, "没有任何作答。请核对 --items 与 --no-opinion。")
        complaints.refuse()
    return ResponseFile(
        submissions=_by_identifier(whole, given),
        everyone=whole.identifier,
        scales=items.scales,
        wanted=wanted,
        first_day=times.first_day,
        notices=(*_notices(sheet, items, columns, given), *of_networks),
    )


def read_reference(path: Path, like: ResponseFile) -> tuple[Reference, tuple[Text, ...]]:
    """A probability sample with the items of the responses, and notices of how it was read.

    Raises InputRefused with every mistake in it, an item that is not there among them.
    """
    complaints = Complaints(path.name)
    sheet = read_sheet(path, complaints)
    columns = find_columns(sheet, complaints, ("point_id",))
    absent = [item for item in like.scales if item not in sheet.columns]
    for item in absent:
        said = "is an item of the responses and not here", "Both need the same items."
        complaints.column(item, said, "答卷有这一题，抽样样本没有。两者的题目应相同。")
    scales = {item: scale for item, scale in like.scales.items() if item not in absent}
    answers = read_answers(sheet, scales, like.wanted, complaints)
    point = read_labels(sheet, columns, "point_id")
    heading = columns.headings.get("point_id")
    _complain_of_empty(sheet, heading, point, complaints)
    known = np.isin(point, like.submissions.point)
    if heading is not None and len(point) and not known.any():
        said = "shares no point with the responses", "Use the same codes in both files."
        complaints.column(heading, said, "与答卷没有共同的点位。两个文件的点位编号应一致。")
    complaints.refuse()
    highest = like.submissions.highest
    score = mean_places(answers, highest)
    kept = known & ~np.isnan(score)
    notices = _reference_notices(sheet, columns, scales, sorted(set(point[~known].tolist())))
    return Reference(point[kept], answers[kept], highest, score[kept]), tuple(notices)


def reference_problems(path: Path) -> list[Problem]:
    """What is wrong with a sample whatever its items are: where the responses are refused."""
    complaints = Complaints(path.name)
    try:
        find_columns(read_sheet(path, complaints), complaints, ("point_id",))
    except InputRefused as error:
        return list(error.problems)
    return complaints.found


def _submissions(
    sheet: Sheet,
    columns: Columns,
    complaints: Complaints,
    read: Read,
) -> Submissions:
    """Every response, in the order of the file."""
    highest = np.array([scale.highest for scale in read.scales.values()], dtype=np.float64)
    comment, comment_length = read_comments(sheet, columns, complaints)
    return Submissions(
        identifier=read_labels(sheet, columns, "response_id"),
        point=read_labels(sheet, columns, "point_id"),
        district=read_labels(sheet, columns, "district_id"),
        channel=read_labels(sheet, columns, "channel"),
        enumerator=read_labels(sheet, columns, "enumerator_id"),
        minute=read.minute,
        device=read_labels(sheet, columns, "device_hash"),
        network=read.network,
        client=read_labels(sheet, columns, "client_class"),
        dwell=read_dwell(sheet, columns, complaints),
        comment=comment,
        comment_length=comment_length,
        answers=read.answers,
        highest=highest,
        score=mean_places(read.answers, highest),
        assured=read_assured(sheet, columns, complaints),
    )


def _complain_of_empty(
    sheet: Sheet, heading: str | None, labels: Labels, complaints: Complaints
) -> None:
    if heading is None:
        return
    cells = [(sheet.lines[row], heading, "") for row in np.flatnonzero(labels == "").tolist()]
    complaints.cells(cells, ("is empty", "Every line needs it."), "空白。每行都要填写。")


def _complain_of_twice(
    sheet: Sheet, heading: str | None, identifier: Labels, complaints: Complaints
) -> None:
    listed = identifier.tolist()
    if heading is None or len(set(listed)) == len(listed):
        return
    first: dict[str, int] = {}
    for line, text in zip(sheet.lines, listed, strict=True):
        at = first.setdefault(text, line)
        if at == line or not text:
            continue
        rounded = any(mark in text for mark in ROUNDED)
        cure = "A response stands in the file once; drop one of them."
        zh = "每份答卷只能出现一次，请删去其一。"
        if rounded:
            cure = "A spreadsheet rounded the number; export it as text."
            zh = "电子表格把长编号改成了科学计数。请以文本格式重新导出。"
        said = f"is the identifier of line {at} too", cure
        complaints.cells([(line, heading, text)], said, f"与第 {at} 行编号相同。{zh}")


def _by_identifier(whole: Submissions, given: Flags) -> Submissions:
    """The responses with an answer, in the order of their identifiers."""
    order = np.argsort(whole.identifier, kind="stable")
    rows = order[given[order]]
    columns: dict[str, Any] = {part.name: getattr(whole, part.name) for part in fields(whole)}
    highest = columns.pop("highest")
    ordered = {name: column[rows] for name, column in columns.items()}
    return Submissions(**ordered, highest=highest)


def _notices(sheet: Sheet, items: Items, columns: Columns, given: Flags) -> Iterator[Text]:
    said = _said_scales(items.scales)
    yield Text(
        zh=f"{sheet.source}：{len(sheet)} 份答卷；题目与量表（最差-最好）：{said}。",
        en=f"{sheet.source}: {len(sheet)} responses; items and scales (worst-best): {said}.",
    )
    yield from unused_notices(sheet, items.unused)
    without = int((~given).sum())
    if without:
        yield Text(
            zh=f"{sheet.source}：{without} 份答卷没有任何作答，不参与检验，影响力记为 1。",
            en=f"{sheet.source}: {without} responses hold no answer; they are not examined "
            "and keep influence 1.",
        )
    yield from _unknown_paradata(sheet, columns)


def _unknown_paradata(sheet: Sheet, columns: Columns) -> Iterator[Text]:
    """What the file does not tell, and what therefore cannot be seen."""
    has = columns.headings
    absent = [
        (zh, en)
        for zh, en, found in (
            ("时间", "times", "submitted_slot" in has),
            ("设备", "devices", "device_hash" in has),
            ("网络", "networks", "network_hash" in has),
            ("用时", "seconds", bool(columns.pages) or "seconds" in has),
        )
        if not found
    ]
    if absent:
        yield Text(
            zh=f"{sheet.source}：没有{'、'.join(zh for zh, _ in absent)}，相应的信号看不到。",
            en=f"{sheet.source}: without {', '.join(en for _, en in absent)}; "
            "signals that rest on them see nothing.",
        )


def _said_scales(scales: Mapping[str, Scale]) -> str:
    """Items by scale, as they are typed."""
    by_scale: dict[str, list[str]] = {}
    for item, scale in scales.items():
        by_scale.setdefault(str(scale), []).append(item)
    return "; ".join(f"{', '.join(names)} {scale}" for scale, names in by_scale.items())


def _reference_notices(
    sheet: Sheet, columns: Columns, scales: Mapping[str, Scale], elsewhere: Sequence[str]
) -> Iterator[Text]:
    why = Text(zh="抽样样本只用点位和题目", en="of a sample only point and items are used")
    used = {*scales, columns.headings.get("point_id")}
    unused = {heading: why for heading in sheet.columns if heading not in used}
    yield from unused_notices(sheet, unused)
    if elsewhere:
        listed = elsewhere[:12]
        yield Text(
            zh=f"{sheet.source}：{len(elsewhere)} 个点位没有答卷：{'、'.join(listed)}。",
            en=f"{sheet.source}: {len(elsewhere)} points have no response and are not used: "
            f"{', '.join(listed)}.",
        )
