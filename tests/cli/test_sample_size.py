"""Planning a sample by command: textbook numbers, every mistake at once, a file to draw by."""

import csv
import dataclasses
import io
import math
import re
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from typer.testing import CliRunner

from app.cli import main
from app.errors import CannotEstimate, InputRefused, MinxinError
from app.stats.allocation import Bounds, Stratum, allocate
from app.stats.precision import Assumptions, Rounds, detectable_change, spread_of_share
from app.survey.strata_file import read_sizes, read_strata
from app.workflow.sizing import plan_sample
from app.workflow.sizing_order import RULES, SizeOrder
from world import TOWN_PLAN

STRATA = (
    "stratum,population,share,cost\n"
    "old town,40000,0.5,1\n"
    "new town,90000,0.3,1.5\n"
    "hills,3000,0.2,9\n"
)


def minxin(*words: str | Path, fails: bool = False) -> str:
    """What `sample size` says; with `fails`, what it says when it refuses."""
    arguments = ["sample", "size", *map(str, words)]
    result = CliRunner().invoke(main.application, arguments)
    if fails:
        assert isinstance(result.exception, MinxinError), result.output
        return str(result.exception)
    assert result.exception is None, result.output + repr(result.exception)
    return result.output


def numbers(said: str, name: str) -> list[float]:
    """The numbers in the row of a name."""
    line = next(line for line in said.splitlines() if line.startswith(name))
    words = line.removeprefix(name).partition("at its")[0].split()
    return [float(word.replace(",", "")) for word in words]


@pytest.fixture
def strata(tmp_path) -> Path:
    file = tmp_path / "strata.csv"
    file.write_text(STRATA, encoding="utf-8")
    return file


def test_a_share_within_five_points_needs_385_answers_and_278_of_a_thousand_people():
    """z² p(1 − p)/d² = 1.96² · 0.25/0.05² = 384.1; 384.1/(1 + 383.1/1000) = 277.7."""
    assert numbers(minxin("--margin", "0.05"), "whole")[:2] == [385, 385]
    said = minxin("--margin", "0.05", "--population", "1000")
    assert numbers(said, "whole")[:3] == [1000, 278, 278]


def test_a_mean_takes_its_spread_design_effect_and_response_rate():
    """1.5 · (1.96 · 20/2)² = 576.2 answers; 577/0.4 = 1442.5 invitations."""
    words = ("--spread", "20", "--design-effect", "1.5", "--response-rate", "0.4")
    answers, invitations, margin, change = numbers(minxin("--margin", "2", *words), "whole")
    assert (answers, invitations) == (577, 1443)
    assert margin == pytest.approx(1.959964 * math.sqrt(1.5 * 400 / 577), rel=1e-3)
    assert change == pytest.approx((1.959964 + 0.841621) * math.sqrt(3 * 400 / 577), rel=1e-3)


def test_a_size_has_its_margin():
    margin = numbers(minxin("--answers", "400"), "whole")[2]
    assert margin == pytest.approx(1.959964 * 0.5 / 20, rel=1e-3)


def test_the_largest_numbers_stand_apart():
    said = minxin("--answers", "10000000000", "--population", "10000000000")
    assert numbers(said, "whole")[:2] == [10**10, 10**10]
    assert len(numbers(said, "whole")) == 5


def test_neyman_divides_by_people_times_spread(strata):
    """Of 770 beside the least 30: 40000 · 0.5 to 90000 √0.21, so 251.5 and 518.5."""
    said = minxin("--answers", "800", "--strata", strata, "--rule", "neyman", "--least", "30")
    assert numbers(said, "old town")[1] == 251
    assert numbers(said, "new town")[1] == 519
    assert "at its least" in next(x for x in said.splitlines() if x.startswith("hills"))
    assert "cost 1,299.50" in said


@pytest.mark.parametrize("rule", RULES)
def test_the_fewest_answers_by_a_rule_give_the_margin_and_one_fewer_do_not(rule):
    order = SizeOrder(margin=0.03, rule=rule, source="strata.csv", response_rate=0.7)
    found = plan_sample(order, STRATA.encode())
    assert found.whole.margin <= 0.03
    fewer = dataclasses.replace(order, margin=None, answers=found.whole.answers - 1)
    assert plan_sample(fewer, STRATA.encode()).whole.margin > 0.03


def test_a_margin_in_every_stratum_sizes_each_as_a_survey_of_its_own():
    found = plan_sample(SizeOrder(margin_each=0.05, source="s"), STRATA.encode())
    alone = [
        plan_sample(SizeOrder(margin=0.05, share=share, population=people)).whole.answers
        for share, people in ((0.5, 40000), (0.3, 90000), (0.2, 3000))
    ]
    assert [one.answers for one in found.strata] == alone == [381, 322, 228]
    assert all(one.margin <= 0.05 for one in found.strata)


def test_the_least_holds_in_every_stratum_too():
    found = plan_sample(SizeOrder(margin_each=0.4, least=50, source="s"), STRATA.encode())
    assert [(one.answers, one.at) for one in found.strata] == [(50, "least")] * 3


@given(
    people=st.lists(st.integers(2, 100_000), min_size=1, max_size=6),
    part=st.floats(0.05, 0.95),
    rate=st.floats(0.2, 1),
    deff=st.floats(0.5, 4),
)
def test_the_whole_has_the_margin_and_change_that_the_formulas_give(people, part, rate, deff):
    text = "stratum,population\n" + "".join(f"s{i},{n}\n" for i, n in enumerate(people))
    reach = [max(math.floor(n * rate + 1e-9), 1) for n in people]
    least = sum(min(2, n) for n in reach)
    answers = least + int(part * (sum(reach) - least))
    order = SizeOrder(answers=answers, source="s", response_rate=rate, design_effect=deff)
    found = plan_sample(order, text.encode())
    assumed = Assumptions(response_rate=rate, design_effect=deff)
    strata = [Stratum(f"s{i}", n, spread_of_share(0.5, n)) for i, n in enumerate(people)]
    best = allocate(strata, answers, rule="proportional", assumptions=assumed, bounds=Bounds())
    assert found.whole.margin == pytest.approx(best.margin, rel=1e-9, abs=1e-12)
    assert sum(one.answers for one in found.strata) == found.whole.answers == answers
    for one, stratum in zip(found.strata, strata, strict=True):
        inside = dataclasses.replace(assumed, population=stratum.population)
        rounds = Rounds(one.answers, one.answers)
        seen = detectable_change(
            rounds, standard_deviation=stratum.standard_deviation, assumptions=inside
        )
        assert one.change == pytest.approx(seen.value, rel=1e-9, abs=1e-12)
        assert one.answers <= one.invitations <= stratum.population


def test_the_file_it_writes_is_what_a_draw_takes(strata, tmp_path, monkeypatch, sqlite_url):
    monkeypatch.setenv("MINXIN_DATABASE_URL", sqlite_url)
    frame, plan = tmp_path / "frame.csv", tmp_path / "town.yaml"
    people = "".join(f"p{n},{'east' if n % 4 else 'west'}\n" for n in range(40))
    frame.write_text(f"person,unit\n{people}", encoding="utf-8")
    text = TOWN_PLAN.replace("2027-01-01", "2099-01-01")
    plan.write_text(text + "admission: {rights: [invitation]}\n", encoding="utf-8")
    strata.write_text("stratum,population\neast,30\nwest,10\n", encoding="utf-8")
    sizes = tmp_path / "sizes.csv"
    words = ("--answers", "8", "--response-rate", "0.5")
    assert "--sizes-from" in minxin(*words, "--strata", strata, "--out", sizes)
    run = CliRunner()
    assert run.invoke(main.application, ["round", "open", str(plan)]).exception is None
    draw = ["sample", "draw", "town-2026", "--frame", str(frame), "--seed", "lottery"]
    more = ["--sizes-from", str(sizes), "--out", str(tmp_path / "list.csv")]
    result = run.invoke(main.application, [*draw, *more])
    assert result.exception is None, repr(result.exception)
    assert "east: 12 of 30" in result.output
    assert "west: 4 of 10" in result.output
    twice = run.invoke(main.application, [*draw, *more, "--size", "3"])
    assert "Give either --size" in str(twice.exception)


def test_the_file_has_its_columns_and_is_not_overwritten(strata, tmp_path):
    sizes = tmp_path / "sizes.csv"
    words = ("--margin-each", "0.05", "--strata", strata, "--out", sizes)
    minxin(*words)
    before = sizes.read_bytes()
    rows = list(csv.DictReader(io.StringIO(before.decode("utf-8-sig"))))
    assert list(rows[0])[:4] == ["stratum", "population", "answers", "invitations"]
    wanted = {row["stratum"]: int(row["invitations"]) for row in rows}
    assert read_sizes(before, source="sizes.csv") == wanted
    assert "exists already" in minxin(*words, fails=True)
    assert sizes.read_bytes() == before


def test_all_wrong_options_and_cells_are_named_at_once_with_value_and_cure(strata):
    strata.write_text(
        "stratum,population,share\na,ten,0.5\na,-4,1.2\n,5,x\nb,7,\nc,3\n", encoding="utf-8"
    )
    words = ("--answers", "-5", "--share", "1.2", "--population", "9", "--rule", "best")
    said = minxin(*words, "--strata", strata, fails=True)
    assert said.startswith("12 problems:")
    for piece in (
        "answers: is out of range (found -5). Write 1 to",
        "share: is out of range (found 1.2). Write a number above 0 and below 1",
        "population: is given beside strata, which say it themselves (found 9). Leave it out.",
        "rule: is no rule (found 'best'). Rules: equal, proportional, neyman, cost, power.",
        "strata.csv: row 2, population: is no number of people (found 'ten').",
        "strata.csv: row 3, stratum: is already used in row 2 (found 'a').",
        "strata.csv: row 3, population: is no number of people (found '-4').",
        "strata.csv: row 3, share: is out of range (found '1.2').",
        "strata.csv: row 4, stratum: is empty.",
        "strata.csv: row 4, share: is no number (found 'x').",
        "strata.csv: row 5, share: is empty.",
        "strata.csv: row 6: has 2 cells.",
    ):
        assert piece in said


@pytest.mark.parametrize(
    ("words", "message"),
    [
        ((), "wishes: are not given"),
        (("--margin", "0"), r"margin: is out of range \(found 0.0\)"),
        (("--margin", "nan"), "margin: is out of range"),
        (("--margin", "1e-300"), "margin: is out of range"),
        (("--margin", "0.1", "--answers", "9"), "wishes: are given: answers, margin"),
        (("--answers", "9", "--share", "0.5", "--spread", "2"), "beside a share"),
        (("--answers", "500", "--population", "300"), "Ask for at most 300"),
        (("--answers", "200", "--population", "300", "--response-rate", "0.5"), "at most 150"),
        (("--margin-each", "0.1"), "margin-each: speaks of strata, and there are none"),
        (("--margin", "1e-7", "--spread", "1e8"), "3.84e.30 people would .* more than live"),
        (("--answers", "10000000000", "--response-rate", "1e-6"), "more than live"),
        (("--answers", "9", "--out", "sizes.csv"), "out: needs strata"),
        (("--answers", "9", "--strata", "nowhere.csv"), "There is no file nowhere.csv"),
    ],
)
def test_what_cannot_be_wanted_is_refused(words, message):
    assert re.search(message, minxin(*words, fails=True))


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("stratum,share\na,0.5\n", "row 1: lacks the column population"),
        ("stratum,population\n", "row 2: holds no stratum"),
        ("stratum,population,population\na,1,1\n", "names a column twice"),
        ("stratum,population,share,spread\na,9,0.5,2\n", "has both spread and share"),
        ("stratum,population,mean\na,9,0\n", "row 2, mean: is 0"),
        ("stratum,population,cost\na,9,1e999\n", "row 2, cost: is out of range"),
    ],
)
def test_a_faulty_file_of_strata_is_refused_with_its_place(text, message):
    with pytest.raises(InputRefused, match=message):
        read_strata(text.encode(), source="strata.csv")


@pytest.mark.parametrize("rule", ["neyman", "cost", "power"])
def test_a_rule_without_the_column_it_goes_by_is_refused(rule):
    order = SizeOrder(answers=20, rule=rule, source="strata.csv")
    with pytest.raises(InputRefused, match="row 1: lacks the column"):
        plan_sample(order, b"stratum,population\na,90\nb,80\n")


def test_a_spread_said_twice_and_a_rule_beside_a_margin_in_each_are_refused():
    order = SizeOrder(margin_each=0.05, rule="equal", share=0.4, source="s")
    with pytest.raises(InputRefused, match=r"(?s)rule: divides answers.*said by the column"):
        plan_sample(order, STRATA.encode())


@pytest.mark.parametrize(
    ("wish", "message"),
    [
        ({"answers": 50}, "more than the 30 people of all strata"),
        ({"answers": 3}, "too few for the least sizes"),
        ({"margin": 0.01, "response_rate": 0.5}, "All 15 people who can be expected"),
        ({"margin_each": 0.01, "response_rate": 0.5}, "(?s)stratum a: 10.*stratum b: 20"),
    ],
)
def test_people_who_do_not_suffice_are_counted(wish, message):
    with pytest.raises(CannotEstimate, match=message):
        plan_sample(SizeOrder(source="s", **wish), b"stratum,population\na,10\nb,20\n")
