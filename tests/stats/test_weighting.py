"""Base weights, post-stratification, raking: what they meet, and what they refuse by name."""

import numpy as np
import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from app.errors import CannotEstimate
from app.stats.design import simple_design
from app.stats.estimation import mean, total
from app.stats.weighting import base_weights, given_weights
from app.stats.weights.margins import PopulationMargin
from app.stats.weights.steps import post_stratify, rake

SEXES = ("f", "m")
AGES = ("18-34", "35-59", "60+")


def labels(*texts: str) -> np.ndarray:
    return np.array(texts, dtype=np.str_)


def sums(weight: np.ndarray, level: np.ndarray) -> dict[str, float]:
    return {name: float(weight[level == name].sum()) for name in np.unique(level).tolist()}


def test_base_weights_let_each_unit_stand_for_its_people():
    unit = labels("north", "north", "south", "south", "south", "south")
    design = base_weights(unit, {"north": 100, "south": 900})
    assert design.weight.tolist() == [50, 50, 225, 225, 225, 225]


def test_a_unit_that_is_believed_less_still_counts_as_many_people():
    unit = labels("north", "north", "south", "south")
    influence = np.array([1.0, 0.5, 1.0, 0.0])
    design = base_weights(unit, {"north": 90, "south": 900}, influence=influence)
    assert design.weight.tolist() == pytest.approx([60, 30, 900, 0])


def test_the_error_of_a_unit_under_base_weights_is_the_textbook_one():
    unit = labels(*["north"] * 5, *["south"] * 7)
    y = np.array([10, 60, 20, 90, 40, 5, 5, 30, 80, 70, 20, 100.0])
    design = base_weights(unit, {"north": 700, "south": 300})
    north = mean(design, y, domain=unit == "north")
    assert north.standard_error == pytest.approx(y[:5].std(ddof=1) / np.sqrt(5), rel=1e-12)


def test_a_unit_with_one_response_does_not_stop_the_round():
    unit = labels("north", "south", "south", "south")
    design = base_weights(unit, {"north": 100, "south": 900})
    y = np.array([10, 20, 40, 90.0])
    assert mean(design, y, domain=unit == "north").gap == "one_answer"
    assert mean(design, y).standard_error > 0


def test_a_unit_without_a_population_is_refused_by_name():
    with pytest.raises(CannotEstimate, match="unit east"):
        base_weights(labels("north", "east"), {"north": 100, "east": 0})


def test_given_weights_must_be_there():
    with pytest.raises(CannotEstimate, match="2 of 3 responses"):
        given_weights(np.array([1.5, np.nan, -1.0]))


def test_influence_multiplies_given_weights():
    influence = np.array([1, 0.5, 0])
    assert given_weights(np.array([2, 4, 6.0]), influence=influence).weight.tolist() == [
        2,
        2,
        0,
    ]


@st.composite
def crossed(draw):
    """Weights and levels of two margins, every pair of levels occupied."""
    pairs = [(s, a) for s in SEXES for a in AGES]
    pairs += draw(st.lists(st.sampled_from(pairs), max_size=20))
    weight = draw(
        st.lists(st.floats(0.1, 50), min_size=len(pairs), max_size=len(pairs)).map(np.array)
    )
    shares = draw(st.tuples(*[st.floats(0.05, 1)] * 5))
    people = draw(st.floats(10, 1e7))
    by_sex = np.array(shares[:2]) / sum(shares[:2]) * people
    by_age = np.array(shares[2:]) / sum(shares[2:]) * people
    sex, age = (labels(*column) for column in zip(*pairs, strict=True))
    return (
        weight,
        PopulationMargin("sex", sex, dict(zip(SEXES, by_sex.tolist(), strict=True))),
        PopulationMargin("age", age, dict(zip(AGES, by_age.tolist(), strict=True))),
    )


@given(crossed())
def test_raking_reproduces_every_margin(population):
    weight, sex, age = population
    design = rake(simple_design(weight), [sex, age])
    for margin in (sex, age):
        assert sums(design.weight, margin.level) == pytest.approx(
            dict(margin.totals), rel=1e-10
        )
    (step,) = design.adjustments
    assert step.margin_error < 1e-10
    assert (step.before * step.factor == design.weight).all()


@given(crossed())
def test_raking_finds_the_weights_that_newton_finds(population):
    weight, sex, age = population
    columns = np.column_stack(
        [sex.level == "f", sex.level == "m", *(age.level == level for level in AGES[:2])]
    ).astype(float)
    targets = [*sex.totals.values(), *list(age.totals.values())[:2]]
    newton = newton_raking(weight, columns, np.array(targets))
    assert rake(simple_design(weight), [sex, age]).weight == pytest.approx(newton, rel=1e-8)


def newton_raking(weight: np.ndarray, x: np.ndarray, totals: np.ndarray) -> np.ndarray:
    """Solve Σ d exp(x'λ) x = T by damped Newton on its convex dual."""
    start = weight * (totals[:2].sum() / weight.sum())
    multiplier = np.zeros(x.shape[1])

    def dual(at):
        return float((start * np.exp(x @ at)).sum() - at @ totals)

    for _ in range(200):
        fitted = start * np.exp(x @ multiplier)
        gradient = x.T @ fitted - totals
        if np.abs(gradient / totals).max() < 1e-13:
            break
        step = np.linalg.solve(x.T @ (fitted[:, None] * x), gradient)
        length = 1.0
        while dual(multiplier - length * step) > dual(multiplier) + 1e-12 * totals.sum():
            length /= 2
        multiplier = multiplier - length * step
    return start * np.exp(x @ multiplier)


@given(crossed())
def test_one_margin_is_the_closed_form_of_post_stratification(population):
    weight, _, age = population
    present = sums(weight, age.level)
    by_hand = [
        w * age.totals[level] / present[level]
        for w, level in zip(weight, age.level.tolist(), strict=True)
    ]
    design = post_stratify(simple_design(weight), age)
    assert design.weight == pytest.approx(np.array(by_hand), rel=1e-10)
    assert rake(simple_design(weight), [age]).weight == pytest.approx(design.weight, rel=1e-12)


@given(crossed())
def test_what_the_margins_fix_has_no_error(population):
    weight, sex, age = population
    design = rake(simple_design(weight), [sex, age])
    women = total(design, (sex.level == "f").astype(float))
    assert women.value == pytest.approx(sex.totals["f"], rel=1e-9)
    assert women.standard_error == pytest.approx(0, abs=1e-6 * women.value)


def skipping(design_weight, level, totals):
    margin = PopulationMargin("post-stratum", labels(*level), totals)
    return post_stratify(simple_design(np.array(design_weight, float)), margin)


def test_people_who_skip_the_item_keep_their_share_and_everybody_sums_to_the_population():
    design = skipping([1] * 10, ["f"] * 6 + ["m"] * 2 + [""] * 2, {"f": 500, "m": 500})
    assert design.weight.sum() == pytest.approx(1000)
    assert design.weight[-2:] == pytest.approx([100, 100])
    assert design.weight[:6] == pytest.approx([400 / 6] * 6)
    assert design.weight[6:8] == pytest.approx([200, 200])
    assert design.adjustments[0].not_stated == {"post-stratum": pytest.approx(0.2)}


def test_a_skipped_item_leaves_the_other_margin_exact_in_shares():
    sex = PopulationMargin("sex", labels("f", "f", "m", "m", "", "f"), {"f": 60, "m": 40})
    age = PopulationMargin("age", labels("y", "o", "y", "o", "o", "y"), {"y": 30, "o": 70})
    design = rake(simple_design(np.ones(6)), [sex, age])
    assert sums(design.weight, age.level) == pytest.approx({"y": 30, "o": 70}, rel=1e-10)
    by_sex = sums(design.weight, sex.level)
    assert by_sex["f"] / by_sex["m"] == pytest.approx(1.5, rel=1e-10)


def test_the_error_counts_that_the_share_of_skippers_is_itself_estimated():
    # Two groups without spread inside and skippers unlike both: all error is in the share.
    level = ["f"] * 40 + ["m"] * 40 + [""] * 20
    y = np.array([50.0] * 80 + [100.0] * 20)
    design = skipping([1] * 100, level, {"f": 500, "m": 500})
    got = mean(design, y)
    assert got.value == pytest.approx(60)
    assert got.standard_error == pytest.approx(50 * np.sqrt(0.2 * 0.8 / 99), rel=1e-9)


def test_a_level_without_answers_is_refused_with_the_neighbour_to_merge():
    with pytest.raises(CannotEstimate) as refusal:
        skipping([1] * 5, ["a", "a", "a", "c", "c"], {"a": 10, "b": 20, "c": 30, "d": 5})
    message = str(refusal.value)
    assert "level b" in message
    assert "level d" in message
    assert message.count("Merge it with the level c") == 2


def test_a_level_whose_answers_all_lost_their_weight_counts_as_empty():
    with pytest.raises(CannotEstimate, match="level b"):
        skipping([1, 1, 0], ["a", "a", "b"], {"a": 10, "b": 20})


def test_an_answer_without_a_total_is_refused():
    with pytest.raises(CannotEstimate, match="level x: 2 answers, but no total"):
        skipping([1] * 4, ["a", "b", "x", "x"], {"a": 10, "b": 20})


def test_contradicting_totals_are_refused_by_name_with_both_sums():
    sex = PopulationMargin("sex", labels("f", "m"), {"f": 60, "m": 40})
    age = PopulationMargin("age", labels("y", "o"), {"y": 50, "o": 60})
    with pytest.raises(CannotEstimate, match=r"margin age sums to 110 .* margin sex to 100"):
        rake(simple_design(np.ones(2)), [sex, age])


def test_every_reason_is_said_at_once():
    sex = PopulationMargin("sex", labels("f", "f"), {"f": 60, "m": 40})
    age = PopulationMargin("age", labels("y", "x"), {"y": 50, "o": 60})
    with pytest.raises(CannotEstimate) as refusal:
        rake(simple_design(np.ones(2)), [sex, age])
    assert len(str(refusal.value).splitlines()) == 4


def test_margins_that_cannot_hold_together_are_refused_with_level_and_gap():
    # Every woman is old and every man young, so the two margins must be the same.
    sex = PopulationMargin("sex", labels("f", "m"), {"f": 60, "m": 40})
    age = PopulationMargin("age", labels("o", "y"), {"y": 50, "o": 50})
    with pytest.raises(CannotEstimate, match=r"margin sex, level .* people instead of"):
        rake(simple_design(np.ones(2)), [sex, age])


def test_a_margin_nobody_stated_is_refused():
    with pytest.raises(CannotEstimate, match="nobody who is counted stated a level"):
        skipping([1, 1], ["", ""], {"a": 1, "b": 2})


@given(crossed(), st.data())
def test_a_response_of_weight_zero_changes_no_weight(population, data):
    weight, sex, age = population
    alone = data.draw(st.integers(0, len(weight) - 1))
    doubled = np.append(weight, 0.0)
    copies = [
        PopulationMargin(m.name, np.append(m.level, m.level[alone]), m.totals)
        for m in (sex, age)
    ]
    assume(weight.min() > 0)
    got = rake(simple_design(doubled), copies).weight
    assert got[:-1] == pytest.approx(rake(simple_design(weight), [sex, age]).weight, rel=1e-9)
    assert got[-1] == 0
