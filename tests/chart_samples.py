"""Charts to look at and to test: every kind, with few and many units, and the awkward ones.

`samples` gives each kind with `count` units; names are long, short, Chinese and English, some
units are withheld, and `flat` makes all values equal. Nothing here is drawn at random.
"""

from collections.abc import Mapping

from app.documents.charts.contribution_bars import Contribution, ContributionBars
from app.documents.charts.forms import Chart
from app.documents.charts.interval_chart import ChartRow, IntervalChart
from app.documents.charts.level_bars import LevelBars, LevelRow
from app.documents.charts.quadrant_map import MapPoint, Measure, QuadrantMap
from app.documents.charts.quota_bullets import Quota, QuotaBullets
from app.documents.charts.slope_chart import SlopeChart, SlopeRow
from app.documents.charts.tile_grid import Tile, TileGrid, in_grid
from app.documents.charts.trend_lines import TrendLines, TrendRow

TOWNS = (
    "城关镇", "北关街道", "石桥镇", "大王庄镇", "东城街道", "红旗满族自治乡",
    "沙坪镇", "南湖街道", "临江镇", "柳河镇", "青山镇", "张家集镇",
    "白沙乡", "三河乡", "西城街道", "新安镇",
)  # fmt: skip
LONG = "红旗满族自治乡便民服务中心不动产登记综合受理第十二窗口"
LEVELS = ("非常满意", "满意", "基本满意", "不满意", "非常不满意")
WITHHELD = "不公布：样本不足 30 份，公布可能认出个人"


def samples(count: int = 16, *, flat: bool = False) -> Mapping[str, Chart]:
    """Every kind of chart with `count` units; the last of several is withheld."""
    names = [_name(at, count) for at in range(count)]
    values = [85.0 if flat else _value(at, count) for at in range(count)]
    return {
        "interval": _intervals(names, values),
        "levels": _levels(names, values),
        "slopes": _slopes(names, values),
        "trends": _trends(names, values),
        "tiles": _tiles(names, values),
        "quotas": _quotas(names, values),
        "quadrants": _quadrants(names, values),
        "contributions": _contributions(names, values),
    }


def _name(at: int, count: int) -> str:
    if count > 2 and at == 1:
        return LONG
    whole, left = divmod(at, len(TOWNS))
    return TOWNS[left] + (f"第{whole}片区" if whole else "")


def _value(at: int, count: int) -> float:
    return 90.4 - 12.0 * at / max(count - 1, 1) + (at * 7 % 5 - 2) * 0.2


def _hidden(at: int, names: list[str]) -> bool:
    return len(names) > 2 and at == len(names) - 1


def _half(at: int) -> float:
    return 1.2 + at * 37 % 11 / 3


def _intervals(names: list[str], values: list[float]) -> IntervalChart:
    rows = []
    for at, (name, value) in enumerate(zip(names, values, strict=True)):
        if _hidden(at, names):
            rows.append(ChartRow(name, None, note=WITHHELD, kind="withheld"))
            continue
        ranks = max(1, at - 3), min(len(names), at + 5)
        half = _half(at)
        rows.append(
            ChartRow(name, value, value - half, value + half, 186 + at * 37, ranks=ranks)
        )
    mean = sum(values) / len(values)
    return IntervalChart(
        tuple(rows), "16 个乡镇中有 3 个明显低于全县平均，其余差别多在误差以内",
        "三感指数（0–100 分）",
        reference=mean, reference_label="全县平均",
    )  # fmt: skip


def _levels(names: list[str], values: list[float]) -> LevelBars:
    rows = []
    for at, (name, value) in enumerate(zip(names, values, strict=True)):
        if _hidden(at, names):
            rows.append(LevelRow(name, (), note=WITHHELD))
            continue
        top = (value - 50) / 60
        rest = 1 - top
        shares = (top, rest * 0.55, rest * 0.28, rest * 0.12, rest * 0.05)
        rows.append(LevelRow(name, shares, 186 + at * 37))
    return LevelBars(tuple(rows), LEVELS, "各乡镇的满意程度", "办事效率")


def _slopes(names: list[str], values: list[float]) -> SlopeChart:
    rows = []
    for at, (name, value) in enumerate(zip(names, values, strict=True)):
        change = (at * 5 % 7 - 2) * 0.9
        if _hidden(at, names):
            rows.append(SlopeRow(name, value, None, note="四季度不公布：样本不足"))
        else:
            low, high = change - 1.9, change + 1.9
            rows.append(SlopeRow(name, value - change, value, low, high))
    return SlopeChart(
        tuple(rows), "三季度", "四季度", "3 个乡镇明显上升，1 个明显下降", "三感指数"
    )


def _trends(names: list[str], values: list[float]) -> TrendLines:
    rows = []
    for at, (name, value) in enumerate(zip(names, values, strict=True)):
        wave = [value + ((at + turn) * 13 % 7 - 3) * 0.5 for turn in range(7)]
        series: list[float | None] = [*wave, value]
        if _hidden(at, names):
            series[3] = series[7] = None
        rows.append(TrendRow(name, tuple(series), (max(1, at - 2), at + 3)))
    rounds = tuple(f"{year}年{half}半年" for year in range(2023, 2027) for half in "上下")
    return TrendLines(tuple(rows), rounds, "多数乡镇八轮来变化不大", "三感指数，各线同一比例")


def _tiles(names: list[str], values: list[float]) -> TileGrid:
    tiles = []
    for at, (row, column) in enumerate(in_grid(len(names))):
        hidden = _hidden(at, names)
        value = None if hidden else values[at]
        standing = ("above", "same", "below")[min(2, at * 3 // len(names))]
        note = WITHHELD if hidden else ""
        tiles.append(Tile(names[at], row, column, value, standing, note))  # type: ignore[arg-type]
    return TileGrid(tuple(tiles), "北部乡镇较高", "三感指数，颜色越深越高", "全县平均")


def _quotas(names: list[str], values: list[float]) -> QuotaBullets:
    quotas = tuple(
        Quota(f"{name} {'男' if at % 2 else '女'}", round((value - 74) * (9 + at % 4)), 120)
        for at, (name, value) in enumerate(zip(names, values, strict=True))
    )
    return QuotaBullets(quotas, "3 个配额落后于进度", "每格需 120 份", expected=0.6)


def _quadrants(names: list[str], values: list[float]) -> QuadrantMap:
    points = []
    for at, (name, value) in enumerate(zip(names, values, strict=True)):
        importance = 0.15 + (at * 29 % 17) / 40
        half = _half(at) / 2
        if _hidden(at, names):
            points.append(MapPoint(name, None, None, note=WITHHELD))
            continue
        points.append(
            MapPoint(
                name, value, importance, (value - half, value + half),
                (importance - 0.03, importance + 0.03),
            )
        )  # fmt: skip
    return QuadrantMap(
        tuple(points), Measure("表现（得分）", 84.1, "全县平均"),
        Measure("重要性（与总体满意的相关）", 0.3, "中位数", 2),
        ("保持", "优先改进", "次要", "可省力"), "2 项又重要又落后",
    )  # fmt: skip


def _contributions(names: list[str], values: list[float]) -> ContributionBars:
    parts = [
        Contribution(name, None if _hidden(at, names) else value / 8, 12.5)
        for at, (name, value) in enumerate(zip(names, values, strict=True))
    ]
    parts.append(Contribution("扣分：信访积案未化解", -1.5, note="依据：〔2026〕12 号"))
    total = sum(part.amount or 0.0 for part in parts)
    return ContributionBars(
        tuple(parts), "得分主要来自办事效率", total=total, total_label="最后得分"
    )
