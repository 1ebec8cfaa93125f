"""Files of responses become columns of answers, or every mistake is named at its cell."""

import csv
import io
from datetime import date
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.errors import InputRefused, Problem
from app.workflow.screen_file.items import Scale, Wanted, parse_wanted
from app.workflow.screen_file.reading import (
    ResponseFile,
    read_reference,
    read_response_file,
    read_responses,
)
from app.workflow.screen_file.sheet import Complaints, _any_table, _even_table

WHOLE = """\
response_id,point_id,district_id,channel,enumerator_id,submitted_slot,device_hash,\
network_hash,client_class,page1_s,page2_s,comment_len,comment_hash,g1,g2,h1
r2,P01,D1,qr,,2026-03-03T09:37,aa,n1,wx-ios,12,8,0,,5,4,
r1,P02,D1,tablet,E01,2026-03-02T23:59,bb,n1,browser,7,30,14,c1,1,3,2
"""
PLAIN = "response_id,point_id,g1,g2\na,P1,5,1\nb,P1,2,3\nc,P2,3,\n"


def read(folder: Path, content: str | bytes, wanted: Wanted | None = None) -> ResponseFile:
    file = folder / "responses.csv"
    file.write_bytes(content.encode() if isinstance(content, str) else content)
    return read_response_file(file, wanted or Wanted())


def problems(folder: Path, content: str | bytes, wanted: Wanted | None = None) -> list[str]:
    with pytest.raises(InputRefused) as refusal:
        read(folder, content, wanted)
    found = refusal.value.problems
    assert all(problem.chinese and problem.cure for problem in found)
    return [str(problem) for problem in found]


def test_every_column_of_a_response_is_read(tmp_path):
    read(tmp_path, WHOLE)
    found = read_responses(tmp_path / "responses.csv")
    assert found.identifier.tolist() == ["r1", "r2"]
    assert found.point.tolist() == ["P02", "P01"]
    assert found.district.tolist() == ["D1", "D1"]
    assert found.channel.tolist() == ["tablet", "qr"]
    assert found.enumerator.tolist() == ["E01", ""]
    assert found.device.tolist() == ["bb", "aa"]
    assert found.network.tolist() == ["n1", "n1"]
    assert found.client.tolist() == ["browser", "wx-ios"]
    assert found.dwell.tolist() == [[7, 30], [12, 8]]
    assert found.comment.tolist() == ["c1", ""]
    assert found.comment_length.tolist() == [14, 0]
    assert found.answers[0].tolist() == [0, 2, 1]
    assert found.answers[1, :2].tolist() == [4, 3]
    assert np.isnan(found.answers[1, 2])
    assert found.score.tolist() == [25, 87.5]
    assert found.assured.tolist() == [False, False]


def test_times_are_kept_in_slots_of_five_minutes_from_the_first_midnight(tmp_path):
    found = read(tmp_path, WHOLE)
    assert found.submissions.minute.tolist() == [23 * 60 + 55, 24 * 60 + 9 * 60 + 35]
    assert found.first_day == date(2026, 3, 2)


def test_only_the_response_its_point_and_items_are_needed(tmp_path):
    found = read(tmp_path, PLAIN)
    columns = found.submissions
    assert np.isnan(columns.minute).all()
    assert np.isnan(columns.dwell).all()
    assert set(columns.device) == set(columns.network) == {""}
    assert any("without times, devices, networks, seconds" in said.en for said in found.notices)


@pytest.mark.parametrize(
    "spelling",
    [
        PLAIN.encode("utf-8-sig"),
        PLAIN.replace(",", ";").encode(),
        PLAIN.replace(",", "\t").encode("utf-16"),
        b"sep=;\r\n" + PLAIN.replace(",", ";").replace("\n", "\r\n").encode(),
        PLAIN.replace("response_id", "答卷编号").replace("point_id", "服务点").encode("gbk"),
        PLAIN.replace("5,1", "5.0, 1 ").replace("\n", ",\n").encode(),
        PLAIN.replace("a,P1", '"a",P1').encode() + b"\n,,,\n\n",
    ],
)
def test_whatever_a_spreadsheet_makes_of_a_file_it_reads_the_same(tmp_path, spelling):
    found = read(tmp_path, spelling).submissions
    assert found.identifier.tolist() == ["a", "b", "c"]
    assert found.score.tolist() == [50, 37.5, 50]


def test_columns_that_count_for_nothing_are_named(tmp_path):
    content = (
        "response_id,point_id,age,mood,round,g1,\n"
        "a,P1,3,well,1,5,x\nb,P1,4,ill,1,2,\nc,P1,7,so,1,4,\n"
    )
    found = read(tmp_path, content)
    assert list(found.scales) == ["g1"]
    said = " ".join(notice.en for notice in found.notices)
    assert "age (looks like background); mood (no small whole numbers)" in said
    assert "round (looks like background)" in said
    assert "column 7 has no heading" in said


def test_a_column_with_one_value_throughout_is_no_item(tmp_path):
    rows = "".join(f"r{k},P1,{1 + k % 5},1\n" for k in range(30))
    found = read(tmp_path, f"response_id,point_id,g1,batch\n{rows}")
    assert list(found.scales) == ["g1"]
    assert any("batch (one value only)" in notice.en for notice in found.notices)


def test_items_scales_and_cells_without_an_opinion_can_be_named(tmp_path):
    content = "response_id,point_id,age,q1,q2,q3\na,P1,3,1,10,1\nb,P1,4,4,9,9\nc,P1,7,9,0,5\n"
    wanted = parse_wanted("q1,q2,q3", ["5-1,q2=0-10"], "9, 不了解")
    found = read(tmp_path, content, wanted)
    assert found.scales == {"q1": Scale(5, 1), "q2": Scale(0, 10), "q3": Scale(5, 1)}
    answers = found.submissions.answers
    assert answers[0].tolist() == [4, 10, 4]
    assert np.isnan(answers[1, 1:]).all()
    assert found.submissions.highest.tolist() == [4, 10, 4]


@pytest.mark.parametrize(
    ("answers", "scale"),
    [
        ("4 5 3", Scale(1, 5)),
        ("0 1 1", Scale(0, 1)),
        ("0 5 4", Scale(0, 5)),
        ("2 6 5", Scale(1, 7)),
        ("9 6 5", Scale(1, 10)),
        ("9 0 5", Scale(0, 10)),
    ],
)
def test_a_scale_that_nobody_names_is_the_smallest_usual_one_that_holds_all(
    tmp_path, answers, scale
):
    rows = "".join(f"r{k},P1,{answer}\n" for k, answer in enumerate(answers.split()))
    found = read(tmp_path, f"response_id,point_id,g1\n{rows}")
    assert found.scales == {"g1": scale}


def test_a_response_without_any_answer_is_not_examined_and_said(tmp_path):
    found = read(tmp_path, PLAIN + "d,P1,,\n")
    assert found.everyone.tolist() == ["a", "b", "c", "d"]
    assert found.submissions.identifier.tolist() == ["a", "b", "c"]
    assert any("1 responses hold no answer" in notice.en for notice in found.notices)


def test_every_mistake_is_named_at_once_at_its_cell(tmp_path):
    content = WHOLE + (
        "r1,,D1,qr,,yesterday,aa,n1,wx-ios,-3,8,0,,5,4,2\n"
        "r3,P01,D1,qr,,2062-03-03T09:37,aa,n1,wx-ios,3,8,0,,7,x,2\n"
        "r4,P01,D1\n"
    )
    said = problems(tmp_path, content, parse_wanted("g1,g2,h1", ["1-5"], None))
    assert said == [
        "responses.csv:6: row: has 3 cells, the header has 16. Complete it; a separator "
        "inside a cell needs quotation marks around the cell.",
        "responses.csv:5: column g1: lies outside the scale 1-5 (found '7'). Correct it; say "
        "--scale if the item has other options, or --no-opinion.",
        "responses.csv:5: column g2: is no number of an option (found 'x'). Write the "
        "option's number on 1-5, or leave the cell empty.",
        "responses.csv:4: column submitted_slot: is no time (found 'yesterday'). Write year, "
        "month, day, hour and minute, such as 2026-03-02T09:35.",
        "responses.csv:5: column submitted_slot: lies more than 400 days from the others "
        "(found '2062-03-03T09:37'). Check the year.",
        "responses.csv:4: column page1_s: is no number (found '-3'). Write a number that is "
        "not negative, or leave the cell empty.",
        "responses.csv:4: column point_id: is empty. Every line needs it.",
        "responses.csv:4: column response_id: is the identifier of line 3 too (found 'r1'). "
        "A response stands in the file once; drop one of them.",
    ]


@pytest.mark.parametrize(
    ("content", "said"),
    [
        (b"", "is empty"),
        (b"\xff\xfe\x00", "is no text"),
        (b"PK\x03\x04\x00\x00", "is no text"),
        (b"response_id,point_id,g1\n", "holds no response"),
        (b'response_id,point_id,g1\na,"P1,3\n', "stray quotation mark"),
        (b"respons_id,point_id,g1\na,P1,3\nb,P1,4\n", "Rename 'respons_id'"),
        (b"response_id,point_id,g1,g1\na,P1,3,4\n", "is named twice"),
        (b"response_id,point_id,age\na,P1,3\nb,P1,4\n", "has no items"),
        (
            b"response_id,point_id,g1,submitted_slot\na,P1,3,2026-03-02\nb,P1,4,\n",
            "time of day",
        ),
        (b"response_id,point_id,g1\n1.2E+15,P1,3\n1.2E+15,P1,4\n", "rounded the number"),
    ],
)
def test_what_is_no_file_of_responses_is_refused_with_a_cure(tmp_path, content, said):
    assert said in " ".join(problems(tmp_path, content))


def test_a_file_of_ragged_rows_is_not_called_empty(tmp_path):
    said = problems(tmp_path, b"response_id,point_id,g1,g2\na,P1,5\nb,P1,4,4,4\n")
    assert len(said) == 2
    assert not any("holds no response" in one for one in said)


def test_of_very_many_cells_with_one_mistake_only_the_first_are_named(tmp_path):
    rows = "".join(f"r{k},P1,{3 + k % 2},{-k}\n" for k in range(100))
    said = problems(tmp_path, f"response_id,point_id,g1,page1_s\n{rows}")
    assert len(said) == 21
    assert "has 79 more cells like these" in said[-1]


@pytest.mark.parametrize(
    "time",
    ["2026-03-02T09:35", "2026-03-02 09:35:59", "2026/3/2 9:35", "2026/3/2 9:35:07",
     "2026-03-02T09:37:12+08:00", "2026年3月2日 9:36"],
)  # fmt: skip
def test_a_time_is_read_as_it_stands_on_the_wall(tmp_path, time):
    found = read(tmp_path, f"response_id,point_id,g1,提交时间\na,P1,3,{time}\nb,P1,4,\n")
    assert found.submissions.minute[0] == 9 * 60 + 35
    assert np.isnan(found.submissions.minute[1])


def test_of_an_address_only_the_network_is_known(tmp_path):
    ends = ["10.1.2.3", "10.1.2.99", "10.1.3.3", "2001:db8:1::5", "2001:db8:1:ff::6", ""]
    rows = "".join(f"r{k},P1,{1 + k % 5},{end}\n" for k, end in enumerate(ends))
    found = read(tmp_path, f"response_id,point_id,g1,IP\n{rows}")
    first, near, other, long, also, none = found.submissions.network.tolist()
    assert first == near != other
    assert long == also != first
    assert none == ""
    assert not {*first, *other, *long} & {".", ":"}
    assert any("only prefixes" in notice.en for notice in found.notices)


def test_of_comments_only_sameness_and_length_are_known(tmp_path):
    texts = ["Very good!", "  very　GOOD", "slow", "", "好。", "好"]
    rows = "".join(f"r{k},P1,{1 + k % 5},{text}\n" for k, text in enumerate(texts))
    found = read(tmp_path, f"response_id,point_id,g1,意见\n{rows}").submissions
    first, same, other, none, short, alike = found.comment.tolist()
    assert first == same != other
    assert (none, short) == ("", alike)
    assert found.comment_length.tolist() == [10, 9, 4, 0, 2, 1]
    assert not any("good" in label for label in found.comment.tolist())


def test_options_that_say_no_scale_are_refused_together():
    with pytest.raises(InputRefused) as refusal:
        parse_wanted(None, ["1-1", "g1=best", "0-10"], None)
    assert [problem.value for problem in refusal.value.problems] == ["1-1", "g1=best"]


def test_an_item_or_a_scale_of_no_column_is_refused(tmp_path):
    said = problems(tmp_path, PLAIN, parse_wanted("g1,g22", ["g2=1-5"], None))
    assert len(said) == 2
    assert "Did you mean 'g2'?" in said[0]
    assert "is named in --scale" in said[1]


def test_a_sample_has_the_items_of_the_responses(tmp_path):
    like = read(tmp_path, PLAIN)
    sample = tmp_path / "reference.csv"
    sample.write_text("point_id,g1,g2,note\nP1,5,5,x\nP9,1,1,y\nP2,3,,z\n", encoding="utf-8")
    found, notices = read_reference(sample, like)
    assert found.point.tolist() == ["P1", "P2"]
    assert found.score.tolist() == [100, 50]
    said = " ".join(notice.en for notice in notices)
    assert "note (of a sample only point and items are used)" in said
    assert "1 points have no response and are not used: P9" in said


@pytest.mark.parametrize(
    ("content", "said"),
    [
        ("point_id,g1\nP1,3\n", "column g2: is an item of the responses and not here"),
        ("point_id,g1,g2\nP1,3,8\n", "lies outside the scale 1-5"),
        ("point_id,g1,g2\nQ1,3,4\n", "shares no point with the responses"),
        ("g1,g2\n3,4\n", "column point_id: is not in the file"),
    ],
)
def test_a_sample_that_does_not_belong_to_the_responses_is_refused(tmp_path, content, said):
    like = read(tmp_path, PLAIN)
    sample = tmp_path / "reference.csv"
    sample.write_text(content, encoding="utf-8")
    with pytest.raises(InputRefused, match=r"reference\.csv") as refusal:
        read_reference(sample, like)
    assert said in str(refusal.value)


@given(st.permutations(range(6)))
def test_the_order_of_a_file_changes_nothing(tmp_path_factory, order):
    folder = tmp_path_factory.mktemp("order")
    rows = [f"r{k},P{k % 2},{1 + k % 5},{5 - k % 4}\n" for k in range(6)]
    plain = read(folder, "response_id,point_id,g1,g2\n" + "".join(rows)).submissions
    mixed = [rows[k] for k in order]
    again = read(folder, "response_id,point_id,g1,g2\n" + "".join(mixed)).submissions
    assert plain.identifier.tolist() == again.identifier.tolist()
    assert plain.answers.tolist() == again.answers.tolist()


CELLS = st.text(alphabet='ab1 \u2028\x0b\r\n,;"', max_size=3)


@given(st.lists(st.lists(CELLS, min_size=3, max_size=3), min_size=1, max_size=5))
def test_the_fast_way_and_the_slow_way_cut_a_file_alike(tmp_path_factory, rows):
    text = io.StringIO(newline="")
    csv.writer(text, lineterminator="\n").writerows([["x", "y", "z"], *rows])
    for content in (text.getvalue(), text.getvalue().replace("\n", "\r\n")):
        complaints = Complaints("x.csv")
        slow = _any_table(content, ",", complaints)
        fast = _even_table(content, ",")
        if fast is not None:
            assert fast.header == slow.header
            assert list(map(list, fast.columns)) == list(map(list, slow.columns))
            assert list(fast.lines) == list(slow.lines)


@given(st.binary(max_size=60) | st.text(max_size=60).map(str.encode))
def test_whatever_a_file_holds_it_is_read_or_refused(tmp_path_factory, content):
    for spoilt in (content, WHOLE.encode() + content, PLAIN.encode()[:-4] + content):
        file = tmp_path_factory.mktemp("spoilt") / "responses.csv"
        file.write_bytes(spoilt)
        problems: tuple[Problem, ...] = ()
        try:
            read_response_file(file)
        except InputRefused as refusal:
            problems = refusal.problems
        assert all(problem.chinese and problem.cure for problem in problems)


@given(
    st.sampled_from(WHOLE.splitlines()[0].split(",")),
    st.text(max_size=8) | st.from_regex(r"[\d/T: .,-]{0,16}", fullmatch=True),
)
def test_whatever_a_cell_holds_it_is_read_or_refused(tmp_path_factory, column, cell):
    header, first, other = (line.split(",") for line in WHOLE.splitlines())
    other[header.index(column)] = cell
    text = io.StringIO(newline="")
    csv.writer(text).writerows([header, first, other])
    file = tmp_path_factory.mktemp("cell") / "responses.csv"
    file.write_text(text.getvalue(), encoding="utf-8", errors="surrogatepass")
    try:
        found = read_responses(file)
    except InputRefused:
        return
    assert np.nanmin(found.minute, initial=0) >= 0
    assert (np.isnan(found.answers) | (found.answers <= found.highest)).all()
