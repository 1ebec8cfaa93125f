"""What an evaluator does: an indicator system, an assessment, its values, its scores, a report.

The system has two indicators and one kind of area; both numbers are official and come from a
file.
"""

from pathlib import Path

from walked_office import Seat

SYSTEM = "青山县乡镇考核"
TITLE = "青山县 2026 年乡镇考核"
CODE = "towns-2026"
INDICATORS = {"空气优良天数比率": "air", "办件按时办结率": "prompt"}
UNITS = (
    "east,东街街道,East street,all",
    "west,西街街道,West street,all",
    "south,南山乡,South hill,all",
)
VALUES = "unit,air,prompt\neast,92,97\nwest,88,99\nsouth,95,91\n"


def build(seat: Seat) -> str:
    """Write an indicator system and ask for its release; its key."""
    seat.go("/console")
    seat.follow("指标体系", within="nav")
    seat.follow("新建指标体系")
    seat.fill(title_zh=SYSTEM, title_en="Towns", code="towns")
    seat.press("开始")
    seat.looks("先加第一项指标")
    for name, code in INDICATORS.items():
        seat.follow("加指标", within="main .level")
        describe(seat, name, code)
    name_the_cover(seat)
    seat.follow("定权重")
    seat.looks("权重：综合得分")
    seat.press("平均分")
    seat.looks("权重都加得起来", "正好")
    seat.page.click("main button[name=done]")
    seat.looks("2 项指标，权重都加得起来，可以提出定稿")
    seat.follow("检查并提出定稿")
    seat.looks("这是第一版。权重要两个人都同意")
    seat.press("提出定稿")
    seat.looks("等另一个人批准。")
    return "towns@1"


def describe(seat: Seat, name: str, code: str) -> None:
    """An official percentage, scored between two fixed ends."""
    seat.fill(name_zh=name, name_en=code, unit_zh="%", unit_en="%", code=code)
    seat.fill(source_zh="县统计局", source_en="Statistics office")
    seat.page.select_option("#method", "goalposts")
    seat.fill(lower="50", upper="100", scale="100")
    seat.page.click("main button:text-is('保存')")
    seat.reads(name)


def name_the_cover(seat: Seat) -> None:
    """The document that the system rests on, and from when it counts."""
    seat.follow("名称和依据")
    seat.fill(document_zh="青考〔2026〕1 号", document_en="Document 1", begins="2026-01-01")
    seat.page.click("main button:text-is('保存')")


def assess(seat: Seat, system: str, folder: Path) -> None:
    """Plan an assessment by the system, take in its values, compute its scores."""
    seat.go("/console")
    seat.follow("考核", within="nav")
    seat.looks("还没有考核")
    seat.follow("新的考核")
    seat.page.select_option("#system", system)
    fields = {
        "title-zh-Hans": TITLE,
        "title-en": "Towns 2026",
        "code": CODE,
        "from": "2026-01-01",
        "to": "2026-12-31",
        "organiser-zh-Hans": "青山县考核办",
        "organiser-en": "Assessment office",
    }
    for name, text in fields.items():
        seat.page.fill(f"[id='{name}']", text)
    seat.fill(units="\n".join(UNITS))
    seat.press("保存方案")
    seat.looks("还有 2 个指标缺数值", *INDICATORS)
    take_in(seat, folder)
    seat.looks("数值齐了，可以计算得分")
    seat.press("计算得分")
    seat.looks("排队中")


def take_in(seat: Seat, folder: Path) -> None:
    """The file of values: first what it would change, then the values themselves."""
    file = folder / "values.csv"
    file.write_text(VALUES, "utf-8")
    seat.follow("数值", within="main .sections")
    seat.page.set_input_files("#values", file)
    seat.press("先看会变什么")
    seat.looks("会新增 6 个数", "还没有保存", "南山乡")
    seat.press("收下这个文件")
    seat.looks("values.csv", "6 个数")
    seat.follow(TITLE, within="main .opening")


def read_scores(seat: Seat) -> None:
    """Read the scores, every one with the places it may have."""
    seat.page.reload()
    seat.reads("第 1 次")
    seat.follow("第 1 次", within="main table")
    seat.looks("第 1 次得分", "东街街道", "名次")
    assert seat.page.locator("figure.chart svg").count() >= 1


def order_a_report(seat: Seat) -> None:
    """Ask for the table of ranks."""
    seat.page.check("[name=kind][value=ranking]")
    seat.press("做文件")
    seat.looks("正在排队，轮到就做")


def download(seat: Seat) -> bytes:
    """The file, as its page hands it out."""
    seat.page.reload()
    seat.looks("做好了", "SHA-256")
    with seat.page.expect_download() as download:
        seat.follow("下载 XLSX")
    return Path(download.value.path()).read_bytes()


def try_what_if(seat: Seat) -> None:
    """Try another weighting beside the scores."""
    seat.follow("试算：如果")
    seat.looks("试算不改正式的得分")
    seat.fill(name="空气加倍")
    seat.page.fill("[id='w-air-all']", "70")
    seat.page.fill("[id='w-prompt-all']", "30")
    seat.press("试算并留下")
    seat.looks("空气加倍", "排队中")


def read_what_if(seat: Seat) -> None:
    """Old and new scores side by side; then back to the scores."""
    seat.page.reload()
    seat.follow("空气加倍", within="main .duties")
    seat.looks("试算，不是正式得分", "原得分", "试算得分", "南山乡")
    seat.follow("全部试算")
    seat.follow("第 1 次得分")


def ask_to_publish(seat: Seat) -> None:
    """Ask for the scores to become public."""
    seat.go(f"/console/assessments/{CODE}")
    seat.follow("第 1 次", within="main table")
    seat.follow("公布…")
    seat.looks("任何人都会读到", "得分不能收回")
    seat.press("提请公布")
    seat.looks("等另一个人批准。")
