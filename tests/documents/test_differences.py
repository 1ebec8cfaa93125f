"""What would change for the public is counted and told as it is printed."""

from app.documents.results.differences import differences
from app.documents.results.result import read_result
from result_documents import county


def read(**values):
    units = {
        name: {"value": value} if value is not None else {"value": 70.0, "withheld": "too_few"}
        for name, value in values.items()
    }
    return read_result(county(units), "zh-Hans")


def test_what_is_printed_alike_has_not_changed():
    found = differences(read(甲=80.04, 乙=70.0), read(甲=80.01, 乙=70.0))
    assert not found.are_any
    assert found.rows == ()
    assert found.numbers == 3


def test_changes_appearances_and_disappearances_are_counted_apart():
    found = differences(read(甲=81.0, 乙=None, 丙=60.0), read(甲=80.0, 乙=70.0, 丙=None))
    assert (found.changed, found.appear, found.vanish) == (1, 1, 1)
    told = {row.place: (row.before, row.now, row.change) for row in found.rows}
    assert told == {
        "甲": ("80.0", "81.0", "+1.0"),
        "乙": ("70.0", "不公布", "—"),
        "丙": ("不公布", "60.0", "—"),
    }


def test_what_nobody_could_see_before_and_after_has_not_changed():
    assert not differences(read(甲=None), read(甲=None)).are_any
