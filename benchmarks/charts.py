"""What a chart costs: drawn by us for a page, printed by Typst, and drawn by Vega-Lite.

    .venv/bin/python benchmarks/charts.py [UNITS]

Every kind of chart of the tests' samples, with UNITS units (16). Cold is the first drawing in
a fresh process, imports included; warm the median of nine. Milliseconds are those of the
processor, so that other work on the machine does not count. Memory is what a fresh process
that drew the caterpillar once holds above one that has only started. The caterpillar alone is
drawn by Vega-Lite too, where altair and vl-convert are installed, from the same values.
"""

import gzip
import json
import statistics
import subprocess
import sys
import time
from collections.abc import Callable
from dataclasses import replace
from importlib.util import find_spec
from itertools import count
from pathlib import Path
from typing import Any

HOME = Path(__file__).parents[1]
sys.path[:0] = [str(HOME), str(HOME / "tests")]
REPEATS = 9
NUMBERS = count()
PAGE = 4096
WAYS = ("page", "png", "pdf", "vega")


def main() -> None:
    """Measure each way cold in a process of its own, then all warm; print two tables."""
    if len(sys.argv) > 2:
        print(json.dumps(cold(sys.argv[1], int(sys.argv[2]))))
        return
    units = int(sys.argv[1]) if len(sys.argv) > 1 else 16
    ways = [way for way in WAYS if way != "vega" or find_spec("vl_convert")]
    print("| caterpillar | cold ms | warm ms | memory MB | bytes | compressed |")
    print("|---|---:|---:|---:|---:|---:|")
    for way in ways:
        command = [sys.executable, __file__, way, str(units)]
        found = subprocess.run(command, capture_output=True, text=True, check=True)
        one = json.loads(found.stdout)
        print(
            f"| {way} | {one['cold']:.0f} | {one['warm']:.1f} | {one['memory']:.0f} |"
            f" {one['bytes']:,} | {one['compressed']:,} |"
        )
    each(units)


def cold(way: str, units: int) -> dict[str, float]:
    """Draw the caterpillar once, cold, then warm; memory before anything was imported."""
    before, start = memory(), time.process_time()
    draw = drawer(way, units, "interval")
    made = draw()
    first = time.process_time() - start
    held = memory() - before
    return {
        "cold": first * 1000,
        "memory": held / 1e6,
        "warm": warm(draw),
        "bytes": len(made),
        "compressed": len(gzip.compress(made, 6)),
    }


def each(units: int) -> None:
    """Every kind: milliseconds for a page's two drawings and for a print, and bytes."""
    from chart_samples import samples

    print("\n| kind | page ms | PNG ms | PDF ms | page bytes | compressed |")
    print("|---|---:|---:|---:|---:|---:|")
    for kind in samples(units):
        draws = {way: drawer(way, units, kind) for way in ("page", "png", "pdf")}
        page = draws["page"]()
        times = " | ".join(f"{warm(draw):.1f}" for draw in draws.values())
        print(f"| {kind} | {times} | {len(page):,} | {len(gzip.compress(page, 6)):,} |")


def drawer(way: str, units: int, kind: str) -> Callable[[], bytes]:
    """The function that draws one chart one way, what it needs imported."""
    from chart_samples import samples

    chart = samples(units)[kind]
    if way == "page":
        from app.documents.charts.forms import to_svg

        return lambda: to_svg(fresh(chart), "zh-Hans").encode()
    if way == "vega":
        return vega(chart)
    from app.documents.charts.prints import to_pdf, to_png
    from app.documents.printing.fonts import find_fonts

    fonts = find_fonts()
    return lambda: (to_png if way == "png" else to_pdf)(fresh(chart), "zh-Hans", fonts=fonts)


def fresh(chart: Any) -> Any:
    """The same chart with another sentence: Typst keeps what it has set before."""
    return replace(chart, sentence=str(next(NUMBERS)))


def vega(chart: Any) -> Callable[[], bytes]:
    """The same caterpillar as a layered Vega-Lite chart: intervals, dots, ranks."""
    import altair
    import vl_convert

    rows = [
        {"name": row.label, "value": row.value, "low": row.low, "high": row.high,
         "mark": chart.mark(row), "ranks": str(row.ranks)}
        for row in chart.rows if row.value is not None
    ]  # fmt: skip

    def draw() -> bytes:
        base = altair.Chart(altair.InlineData(values=rows)).encode(
            y=altair.Y("name:N", sort=None)
        )
        scale = altair.Scale(zero=False)
        lines = base.mark_rule(aria=False).encode(x=altair.X("low:Q", scale=scale), x2="high:Q")
        dots = base.mark_point(aria=False).encode(x="value:Q", shape="mark:N", color="mark:N")
        words = base.mark_text(aria=False).encode(x=altair.value(500), text="ranks:N")
        drawn: str = vl_convert.vegalite_to_svg((lines + dots + words).to_dict())
        return drawn.encode()

    return draw


def warm(draw: Callable[[], bytes]) -> float:
    """The median of some drawings in milliseconds of the processor."""
    times = []
    for _ in range(REPEATS):
        start = time.process_time()
        draw()
        times.append(time.process_time() - start)
    return statistics.median(times) * 1000


def memory() -> int:
    """The resident bytes of this process."""
    return int(Path("/proc/self/statm").read_text().split()[1]) * PAGE


if __name__ == "__main__":
    main()
