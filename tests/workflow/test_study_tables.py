"""What of a study's table may leave the house."""

import copy

from small_study import DESIGN, HEADER, ROWS, written

from app.workflow.study.report import estimate_study


def test_a_cell_of_many_of_whom_few_answered_is_not_published(tmp_path):
    rows = copy.deepcopy(ROWS)
    young = [row for row in rows if row[HEADER.index("age")] == "young"]
    for row in young[1:]:
        row[HEADER.index("q1")] = ""
    tables = [{"id": "by_age", "by": ["age"], "y": "q1", "min_n": 3}]
    design = {**DESIGN, "estimates": [], "tables": tables}
    (table,) = estimate_study(written(tmp_path, design, rows))["tables"]
    published = {cell["level"]: cell for cell in table["published"]}
    assert published["young"] == {"level": "young", "suppressed": True}
    assert published["old"]["n"] == 24
