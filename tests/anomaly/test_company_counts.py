"""Company is counted as a plain double loop would count it, and names or days mean nothing."""

from dataclasses import replace
from typing import Any

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from app.anomaly.company import gathering
from app.anomaly.company.content import Content, content_of
from app.anomaly.company.evidence import WHOLE_LOOK, look
from app.anomaly.company.expectation import _tilted, expect
from app.anomaly.company.gathering import Cell, gather, groups_of
from app.anomaly.company.likeness import BAND, ITEMS_OF_A_STEP, WIDE_BAND
from app.anomaly.simulation.invented import invent_round
from app.anomaly.simulation.town import WorldSettings
from app.anomaly.submissions import Submissions, mean_places

KINDS = ("like", "level", "haste", "copy", "near", "misfit", "odd")
CELLS = (Cell("hour", 60.0, KINDS), Cell("whole", np.inf, KINDS))
FEW = settings(max_examples=30, deadline=None, suppress_health_check=list(HealthCheck))
SMALL = WorldSettings(points=4, districts=2, responses=260, volunteers=1, events=1, sampled=1)


def some_content(n: int, seed: int) -> tuple[Content, np.ndarray, np.ndarray, list[Any]]:
    """Content, times, belief and groups of a few responses, many of them close together."""
    dice = np.random.default_rng(seed)
    answers = dice.integers(2, 5, (n, 5)).astype(float)
    content = Content(
        score=25 * answers.mean(axis=1),
        pace=dice.normal(0, 0.4, n),
        misfit=dice.normal(0, 0.7, n),
        answers=answers,
        middle=float(25 * np.median(answers.mean(axis=1))),
        paced=(dice.random(n) < 0.8).astype(float),
    )
    minute = 5.0 * dice.integers(0, 60, n)
    minute[dice.random(n) < 0.1] = np.nan
    labels = dice.choice(["a", "b", "c", ""], n).astype(np.str_)
    groups = groups_of(labels, np.ones(n, bool), fewest=1)
    return content, minute, dice.uniform(0.05, 1, n), groups


def alike_by_hand(c: Content, i: int, j: int, kind: str) -> float:
    """The kernels as their docstring states them, for one pair."""
    apart, pace = abs(c.score[i] - c.score[j]), c.pace[i] - c.pace[j]
    odd = c.misfit[i] - c.misfit[j]
    if kind == "like":
        distances = ((apart, 10.0), (abs(pace), 0.6), (abs(odd), 1.2))
        return float(np.prod([max(0.0, 1 - far / width) for far, width in distances]))
    if kind == "level":
        end = np.sign(c.score[i] - c.middle)
        return float(end * (c.score[i] - c.score[j]) <= 3 + 1e-4)
    if kind in {"misfit", "odd"}:
        as_odd = apart <= WIDE_BAND and odd <= 0.2
        return float(as_odd and (kind == "misfit" or (pace >= -0.15 and c.paced[j] > 0)))
    if kind == "haste":
        return float(apart <= BAND and pace >= -0.15 and c.paced[j] > 0)
    steps = np.abs(c.answers[i] - c.answers[j]).sum()
    step = max(1.0, c.answers.shape[1] / ITEMS_OF_A_STEP) + 0.01
    return float(apart <= BAND and steps <= (step if kind == "copy" else 3 * step))


def by_hand(content, groups, cell, minute, believed) -> dict[str, np.ndarray]:
    n = len(minute)
    names = (*cell.kinds, "crowd", "band", "wide")
    found = {name: np.zeros(n) for name in names}
    for rows in groups:
        for i in rows:
            for j in rows:
                if np.isfinite(cell.within) and not abs(minute[i] - minute[j]) <= cell.within:
                    continue
                apart = abs(content.score[i] - content.score[j])
                found["crowd"][i] += believed[j]
                found["band"][i] += believed[j] * (apart <= BAND)
                found["wide"][i] += believed[j] * (apart <= WIDE_BAND)
                for kind in cell.kinds:
                    found[kind][i] += alike_by_hand(content, i, j, kind)
    for kind in cell.kinds:
        found[kind] = np.maximum(found[kind] - 1, 0)
    return found


@FEW
@given(n=st.integers(1, 24), seed=st.integers(0, 10_000))
def test_company_is_what_a_double_loop_counts(n, seed):
    content, minute, believed, groups = some_content(n, seed)
    found = gather(content, groups, CELLS, minute=minute, believed=believed)
    for cell in CELLS:
        expected = by_hand(content, groups, cell, minute, believed)
        company = found[cell.name]
        counts = {
            **company.alike,
            **{k: getattr(company, k) for k in ("crowd", "band", "wide")},
        }
        for name, values in counts.items():
            np.testing.assert_allclose(
                values, expected[name], rtol=1e-4, atol=1e-4, err_msg=f"{name}.{cell.name}"
            )


@FEW
@given(n=st.integers(2, 60), seed=st.integers(0, 10_000), chunk=st.integers(1, 9))
def test_counts_do_not_depend_on_the_size_of_blocks_or_the_order_of_groups(n, seed, chunk):
    content, minute, believed, groups = some_content(n, seed)
    usual = gather(content, groups, CELLS, minute=minute, believed=believed)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(gathering, "CHUNK", chunk)
        turned = [rows[::-1] for rows in reversed(groups)]
        other = gather(content, turned, CELLS, minute=minute, believed=believed)
    for name, company in usual.items():
        np.testing.assert_allclose(company.crowd, other[name].crowd, rtol=1e-5, atol=1e-5)
        for kind, counts in company.alike.items():
            np.testing.assert_allclose(counts, other[name].alike[kind], rtol=1e-4, atol=1e-4)


def test_a_large_group_is_counted_by_a_sample_and_its_windows_in_full(monkeypatch):
    content, minute, believed, _ = some_content(1200, 3)
    minute = np.where(np.isnan(minute), 0.0, minute)
    groups = [np.arange(1200)]
    full = gather(content, groups, CELLS, minute=minute, believed=believed)
    monkeypatch.setattr(gathering, "LARGEST", 500)
    thin = gather(content, groups, CELLS, minute=minute, believed=believed)
    for kind in KINDS:
        exact, near = full["whole"].alike[kind], thin["whole"].alike[kind]
        # Copies are few, so a sample of them is coarser.
        least = 0.6 if kind in {"copy", "near"} else 0.95
        assert np.corrcoef(exact, near)[0, 1] > least, kind
        assert near.mean() == pytest.approx(exact.mean(), rel=0.1), kind
        np.testing.assert_allclose(
            thin["hour"].alike[kind], full["hour"].alike[kind], rtol=1e-4, atol=1e-4
        )
    np.testing.assert_allclose(thin["whole"].crowd, full["whole"].crowd, rtol=0.1)


@FEW
@given(seed=st.integers(0, 10_000), offset=st.floats(-8, 8))
def test_expected_shares_lie_within_each_other_and_low_is_well_below_the_mean_of_the_point(
    seed, offset
):
    content, *_ = some_content(300, seed)
    shifted = np.clip(content.score + offset, 0, 100)
    here = np.arange(300) < 60
    content = replace(content, score=np.where(here, shifted, content.score))
    point = np.where(here, "here", "elsewhere")
    expectation = expect(content, point, believed=np.ones(300), seed=1)
    assert (expectation.band > 0).all()
    assert (expectation.wide >= expectation.band).all()
    assert (expectation.wide <= 1 + 300 * 0.001 + 1e-6).all()
    for kind in ("like", "haste", "copy", "near"):
        assert (expectation.alike[kind] <= expectation.band + 1e-6).all()
    mean = content.score[here].mean()
    apart = content.score[here] - (mean - 8)
    clear = np.abs(apart) > 1e-6
    np.testing.assert_array_equal((expectation.low[here] > 0)[clear], (apart < 0)[clear])


@FEW
@given(seed=st.integers(0, 10_000), target=st.floats(45, 85))
def test_the_tilt_has_the_mean_that_is_wanted(seed, target):
    dice = np.random.default_rng(seed)
    score = np.clip(dice.normal(65, 18, 400), 0, 100)
    shares = _tilted(score, target, among=np.ones(400, bool))
    assert shares.sum() == pytest.approx(1)
    assert (shares > 0).all()
    assert shares @ score == pytest.approx(target, abs=0.1)
    half = _tilted(score, target, among=np.arange(400) % 2 == 0)
    assert half[1::2].sum() == 0
    assert half.sum() == pytest.approx(1)
    order = np.argsort(score)
    ratio = np.diff(np.log(shares[order]))
    assert (ratio >= -1e-9).all() or (ratio <= 1e-9).all(), "a tilt favours one end only"


@pytest.mark.parametrize("target", [0.0, 50.0, 100.0])
def test_people_who_all_think_the_same_cannot_be_tilted(target):
    np.testing.assert_allclose(
        _tilted(np.full(40, 75.0), target, among=np.ones(40, bool)), 1 / 40
    )


@pytest.fixture(scope="module")
def small() -> Submissions:
    return invent_round(SMALL, 4)


def strengths(rows: Submissions) -> dict[str, np.ndarray]:
    found = look(rows, content_of(rows, seed=1), seed=1)
    return {name: piece.strength for name, piece in found.evidence.items()}


def test_who_is_alone_in_everything_has_no_evidence_of_company():
    rows = alone_in_everything(40)
    for name, strength in strengths(rows).items():
        assert name.endswith(".self") or strength.max() <= 1e-6, name


def test_labels_are_names_and_mean_nothing_else(small):
    # Reversed, so that the order of labels changes too; points keep theirs (see below).
    renamed = replace(
        small,
        **{name: turned(getattr(small, name)) for name in ("device", "network", "comment")},
    )
    same_strengths(strengths(small), strengths(renamed))


def test_other_names_of_points_and_districts_change_nothing(small):
    renamed = replace(small, point=turned(small.point), district=turned(small.district))
    same_strengths(strengths(small), strengths(renamed))


@pytest.mark.parametrize("days", [1, 30])
def test_whole_days_later_nothing_is_different(small, days):
    later = replace(small, minute=small.minute + 1440.0 * days)
    same_strengths(strengths(small), strengths(later))


def test_another_order_of_rows_is_the_same_round_but_for_the_dice(small):
    # Jitter and the drawn comparison follow the order of rows; what is counted does not.
    order = np.random.default_rng(1).permutation(len(small))
    other = replace(small, **{
        name: getattr(small, name)[order] for name in small.__slots__ if name != "highest"
    })  # fmt: skip
    first, second = strengths(small), strengths(other)
    for name, strength in first.items():
        moved = np.abs(second[name] - strength[order])
        assert np.quantile(moved, 0.95) < 0.5, name


def test_a_point_that_has_nothing_to_do_with_it_changes_little(small):
    other = invent_round(SMALL, 9)
    there = other.restrict(other.point == other.point[0])
    apart = replace(
        there,
        point=np.full(len(there), "elsewhere"),
        district=np.full(len(there), "far away"),
    )
    both = replace(small, **{
        name: np.concatenate([getattr(small, name), getattr(apart, name)])
        for name in small.__slots__ if name != "highest"
    })  # fmt: skip
    first, second = strengths(small), strengths(both)
    for name, strength in first.items():
        moved = np.abs(second[name][: len(small)] - strength)
        assert np.median(moved) < 0.25, name
        assert np.quantile(moved, 0.95) < 0.8, name


def test_every_cell_that_is_looked_at_has_its_evidence(small):
    found = strengths(small)
    named = {f"{k}.{c.name}" for cells in WHOLE_LOOK.values() for c in cells for k in c.kinds}
    assert named <= set(found)
    for name, strength in found.items():
        assert strength.shape == (len(small),), name
        assert np.isfinite(strength).all(), name


def turned(labels: np.ndarray) -> np.ndarray:
    """Other names for the same things, in the opposite order; what is empty stays empty."""
    names = np.unique(labels[labels != ""])
    new = {name: f"n{len(names) - i:06}" for i, name in enumerate(names.tolist())}
    return np.array([new.get(label, "") for label in labels.tolist()], np.str_)


def same_strengths(first: dict[str, np.ndarray], second: dict[str, np.ndarray]) -> None:
    assert set(first) == set(second)
    for name, strength in first.items():
        np.testing.assert_allclose(second[name], strength, atol=1e-3, err_msg=name)


def alone_in_everything(n: int) -> Submissions:
    """One response each at so many points, on its own device and network, days apart."""
    dice = np.random.default_rng(2)
    labels = np.array([f"x{i:03}" for i in range(n)])
    blank = np.full(n, "", np.str_)
    answers, highest = dice.integers(0, 5, (n, 6)).astype(float), np.full(6, 4.0)
    return Submissions(
        identifier=labels, point=labels, district=labels, channel=blank, enumerator=blank,
        minute=np.arange(n) * 4000.0, device=labels, network=labels, client=blank,
        dwell=dice.uniform(20, 60, (n, 2)), comment=blank, comment_length=np.zeros(n),
        answers=answers, highest=highest, score=mean_places(answers, highest),
        assured=np.zeros(n, bool),
    )  # fmt: skip
