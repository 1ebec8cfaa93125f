"""What each role does with a round in its own pages: make, plan, open, print, close, publish.

Each function is one person's stretch of work, and says what the pages show them on the way.
"""

import io
from pathlib import Path

from openpyxl import load_workbook
from walked_office import Seat

QUESTIONNAIRE = "青山县政务服务评价"
TITLE = "青山县 2026 年政务服务满意度调查"
CODE = "qingshan-2026"
GRADE = "bank:service_review@1/grade"
GENDER = "bank:three_senses@1/gender"
RATED = ("这次办事的总体情况", "排队等候的时间", "工作人员的态度", "办理的时间", "大厅的环境")
UNITS = ("东街街道，23000", "西街街道，18000")
POINTS = {"东街街道": "东街便民中心", "西街街道": "西街便民中心"}


def design(seat: Seat) -> str:
    """Write a questionnaire of seven items and release it; its key."""
    seat.go("/console")
    seat.follow("问卷", within="nav")
    seat.looks("没有草稿", "可以直接用")
    seat.follow("新建问卷")
    seat.fill(title_zh=QUESTIONNAIRE)
    seat.press("开始")
    seat.looks("先加第一道题")
    seat.follow("加一道题")
    for text in RATED:
        write_item(seat, text, scale=GRADE)
        seat.press("保存，再加一道")
    write_item(seat, "您的性别", scale=GENDER)
    seat.press("保存，再加一道")
    write_item(seat, "还有什么想说的", kind="text")
    seat.page.check("#optional")
    seat.page.click("main button:text-is('保存')")
    seat.looks("7 题，大约")
    seat.follow("指标", within="main .actions")
    seat.fill(i1_zh="服务得分")
    seat.page.click("main button:text-is('保存')")
    seat.follow("检查并定稿")
    seat.press("没写的英文先用中文顶着")
    seat.looks("可以定稿")
    seat.follow("检查并定稿")
    seat.looks("没有缺漏", "7 题，其中计分 5 题", "服务得分")
    seat.press("定稿")
    seat.looks(QUESTIONNAIRE, "7 题", "照着改一版")
    return seat.page.inner_text("h1 code")


def write_item(seat: Seat, text: str, *, kind: str = "single", scale: str = "") -> None:
    """Fill in an item."""
    seat.page.fill("#text_zh", text)
    seat.page.check(f"[name=kind][value={kind}]")
    if scale:
        seat.page.select_option("#scale", scale)


def plan(seat: Seat, survey: str, folder: Path) -> None:
    """Plan a round step by step, from its title to the draft that waits for its opening."""
    seat.go("/console")
    seat.follow("调查", within="nav")
    seat.looks("还没有调查")
    seat.follow("新的一轮")
    seat.page.select_option("#survey", survey)
    seat.fill(title=TITLE, place="青山县", organiser="青山县政务服务中心", code=CODE)
    seat.fill(opens="2026-11-22T08:00", closes="2026-12-20T20:00")
    seat.press("开始")
    add_places(seat)
    seat.reads("参与方式和样本", "要多少份才看得准")
    seat.press("保存，下一步")
    weigh(seat, folder)
    seat.press("保存，下一步")
    seat.looks("怎样看待可疑的回答", "用建议的办法")
    seat.press("保存，下一步")
    seat.press("保存，下一步")  # no composite score
    seat.looks("方案完整，可以定下来。", "SHA-256")
    seat.press("就这样定下来")
    seat.looks(TITLE, "等待打开")


def add_places(seat: Seat) -> None:
    """Two units and a point of each, typed by hand."""
    seat.looks("地区和单位", "单位是要排名、要公布分数的")
    seat.page.fill("#lines-units", "\n".join(UNITS))
    seat.page.locator("#units button", has_text="加上").click()
    seat.reads("东街街道", "23,000")
    seat.follow("下一步", within="main .actions")
    for unit, point in POINTS.items():
        seat.page.evaluate("document.querySelector('#points details').open = true")
        seat.page.fill("#lines-points", point)
        seat.page.select_option("#holder-points", label=unit)
        seat.page.locator("#points button", has_text="加上").click()
        seat.reads(point)
    seat.follow("下一步", within="main .actions")


def weigh(seat: Seat, folder: Path) -> None:
    """Population totals by gender, from the sheet that the page hands out."""
    seat.reads("按人口构成校准")
    seat.page.evaluate("document.querySelectorAll('details').forEach(d => d.open = true)")
    with seat.page.expect_download() as download:
        seat.follow("下载模板")
    book = load_workbook(io.BytesIO(Path(download.value.path()).read_bytes()))
    sheet = book.worksheets[0]
    people = [column for column in sheet[1] if column.value in {"人数", "总体人数", "人口"}]
    assert people, [cell.value for cell in sheet[1]]
    for line, n in zip(sheet.iter_rows(min_row=2), (20500, 20500), strict=False):
        line[people[0].column - 1].value = n
    file = folder / "margins.xlsx"
    book.save(file)
    seat.page.set_input_files("#file-margins", file)
    seat.press("看会改什么")
    seat.looks("会添加 1 个", "您的性别", "男 20,500 · 女 20,500")
    seat.press("就这样改")
    seat.reads("按人口构成校准")


def ask_to_open(seat: Seat) -> None:
    """Ask for the round to be opened."""
    seat.follow("申请打开")
    seat.looks("打开以后，方案和它用到的问卷", "SHA-256")
    seat.press("提请打开")
    seat.looks("等另一个人批准。")


def approve(seat: Seat, title: str) -> None:
    """Approve what waits, from the first page."""
    seat.go("/console")
    seat.looks("有 1 件事等您作为第二人批准")
    seat.follow("有 1 件事等您作为第二人批准")
    seat.follow(title)
    seat.looks("等您批准或退回")
    seat.press("批准并办理")
    seat.looks("已批准，已经办了")


def print_codes(seat: Seat) -> dict[str, str]:
    """Print posters and stickers of every point; point → its code."""
    seat.go("/console")
    seat.follow(TITLE)
    seat.looks("正在收集", "提前结束收集")
    seat.follow("打印码")
    seat.looks("2 个服务点都有码", "做成一个 PDF")
    written = seat.page.locator("td code").all_inner_texts()
    codes = dict(zip(POINTS.values(), written, strict=True))
    seat.page.check("[name=pieces][value=sticker]")
    seat.press("做成一个 PDF")
    seat.looks("每一页的每个码都读出来了", "150 dpi", "SHA-256")
    with seat.page.expect_download() as download:
        seat.follow("下载 PDF")
    assert Path(download.value.path()).read_bytes().startswith(b"%PDF-")
    return codes


def watch(seat: Seat) -> None:
    """See how the collection goes, without a score."""
    seat.go("/console")
    seat.follow(TITLE)
    seat.follow("收集情况")
    seat.looks("收集期间不显示任何一个点的得分", *POINTS.values())


def ask_to_close(seat: Seat) -> None:
    """Ask for the end of the collection."""
    seat.go("/console")
    seat.follow("调查时间已过，等待结束收集")
    seat.looks("结束之后，码不再收答案", "不能重新打开")
    seat.press("提请结束收集")
    seat.looks("等另一个人批准。")


def ask_for_run(seat: Seat) -> None:
    """Ask for a run, from the page of the round."""
    seat.go("/console")
    seat.follow(TITLE, within=".rounds")
    seat.follow("计算", within="main .actions")
    seat.looks("以前的计算都保留")
    seat.press("计算")
    seat.looks("后台正在处理")


def is_told_to_compute_again(seat: Seat) -> None:
    """Results that do not know what the reviewers decided say so."""
    seat.go("/console")
    seat.follow("已算出结果，等待核对和公布")
    seat.looks("这次计算以后，核定又记下了 3 个决定", "再算一次")


def read_results(seat: Seat) -> None:
    """Read what was computed, with its uncertainty."""
    seat.go("/console")
    seat.follow("已算出结果，等待核对和公布")
    seat.looks("服务得分", "东街街道", "请勿外传")
    assert seat.page.locator("figure.chart svg").count() >= 1


def ask_to_publish(seat: Seat) -> None:
    """Look at what the public will read, and ask for its publication."""
    seat.follow("公布", within="main .actions")
    seat.looks("任何人都会读到", "公布后不能收回")
    seat.press("提请公布")
    seat.looks("等另一个人批准。")
