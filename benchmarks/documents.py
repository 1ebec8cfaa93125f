"""What a document costs: reports in PDF and Word, and the workbook, for many units.

    .venv/bin/python benchmarks/documents.py [UNITS ...]

A round with one indicator, by hand, with UNITS units (16, 120, 3000). Cold is the first
document of a process, imports and fonts included; warm the median of three more, of which
Typst remembers much. Milliseconds of the processor, so that other work on the machine does not
count. Memory is the most that the process ever held.
"""

import json
import resource
import statistics
import subprocess
import sys
import time
from datetime import date
from pathlib import Path

HOME = Path(__file__).parents[1]
sys.path[:0] = [str(HOME), str(HOME / "tests")]
WAYS = ("pdf", "docx", "xlsx")
REPEATS = 3


def main() -> None:
    """Measure each document in a process of its own; print a table."""
    if len(sys.argv) == 3 and sys.argv[1] in WAYS:
        print(json.dumps(measured(sys.argv[1], int(sys.argv[2]))))
        return
    print("| document | units | cold ms | warm ms | bytes | memory MB |")
    print("|---|---:|---:|---:|---:|---:|")
    for units in [int(given) for given in sys.argv[1:]] or [16, 120, 3000]:
        for way in WAYS:
            command = [sys.executable, __file__, way, str(units)]
            found = subprocess.run(command, capture_output=True, text=True, check=True)
            one = json.loads(found.stdout)
            print(
                f"| {way} | {units:,} | {one['cold']:,.0f} | {one['warm']:,.0f} |"
                f" {one['bytes']:,} | {one['memory']:.0f} |"
            )


def measured(way: str, units: int) -> dict[str, float]:
    """Make one document cold, then warm."""
    start = time.process_time()
    content = made(way, units)
    cold = time.process_time() - start
    times = []
    for _ in range(REPEATS):
        start = time.process_time()
        made(way, units)
        times.append(time.process_time() - start)
    return {
        "cold": cold * 1000,
        "warm": statistics.median(times) * 1000,
        "bytes": len(content),
        "memory": resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024,
    }


def made(way: str, units: int) -> bytes:
    """One document of a round with so many units."""
    from app.documents.printing.fonts import find_fonts
    from app.documents.reports.closing_chapters import Origin
    from app.documents.reports.report import Edition, report_of
    from app.documents.reports.report_docx import report_docx
    from app.documents.reports.report_pdf import report_pdf
    from app.documents.results.result import read_result
    from app.documents.results.tables import workbook_sheets
    from app.documents.word.standard_template import standard_template
    from app.documents.workbooks import results_xlsx
    from app.workflow.publication import public_view
    from result_documents import county

    document = county({f"第{n}镇": {"value": 60.0 + n % 30} for n in range(units)})
    result = read_result(public_view(document), "zh-Hans")
    if way == "xlsx":
        return results_xlsx(workbook_sheets(result, None))
    report = report_of(result, Edition(Origin(1, {}), date(2026, 1, 1), is_public=True))
    if way == "pdf":
        return report_pdf(report, fonts=find_fonts())
    return report_docx(report, standard_template(), fonts=find_fonts())


if __name__ == "__main__":
    main()
