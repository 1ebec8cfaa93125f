"""A large result is seen sixty units at a time, with sentences about all of them."""

from app.documents.results.result import read_result
from app.documents.results.result_page import indicator_blocks
from app.documents.results.unit_window import MOST_UNITS, through_window, units_in, windows_of
from result_documents import county

MANY = 130


def large():
    return read_result(county({f"乡{n}": {"value": 80.0} for n in range(MANY)}), "zh-Hans")


def names(result):
    (block,) = indicator_blocks(result)
    return [result.place(one.domain, one.domain_code) for one in block.main.figures]


def test_every_unit_stands_in_one_window_and_everybody_in_all():
    result = large()
    assert windows_of(result) == 3
    seen = [names(through_window(result, part)) for part in (1, 2, 3)]
    assert [len(one) for one in seen] == [61, 61, 11]
    assert all(one[0] == "全体" for one in seen)
    units = [name for one in seen for name in one[1:]]
    assert units == [f"乡{n}" for n in range(MANY)]


def test_an_unknown_window_is_the_first():
    result = large()
    for part in (0, -1, 4, 10**9):
        assert list(units_in(result, part)) == list(result.units[:MOST_UNITS])


def test_a_small_result_is_seen_whole():
    result = read_result(county({"甲": {"value": 80.0}}), "zh-Hans")
    assert windows_of(result) == 1
    assert through_window(result, 1) is result
