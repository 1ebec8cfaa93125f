"""Learn the tables of the screening from simulated rounds, and write them out as text.

    python benchmarks/train_screening.py ROUND... [--own 42] [--without K ...] [--out FILE]

Each ROUND is a folder with `responses.csv` and `labels.csv`, as `python -m attackbench
generate` writes them; `--own` adds so many rounds of the project's own simulator
(`own_rounds.py`), which knows neither those people nor those attacks. Three additive,
monotone boosted models without interactions are fitted: one on the evidence of a response,
two on that and on how far the one before suspects its company. Only their steps are kept.
`--without` leaves a kind of attack out, so that the tables can be tried on what they were
never shown.
"""

import argparse
import csv
from collections.abc import Iterator, Mapping, Sequence
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from own_rounds import own_round
from scipy.special import expit
from sklearn.ensemble import HistGradientBoostingClassifier

from app.anomaly.company.content import content_of
from app.anomaly.company.evidence import look
from app.anomaly.company.suspicion import Ties, tie
from app.anomaly.submissions import Submissions
from app.survey.sample import Flags, Floats, Labels
from app.workflow.screen_file.reading import read_responses

OUT = Path(__file__).parent.parent / "app" / "anomaly" / "judgement" / "tables.py"
SEED = 1
SPARED = (
    "incident",
    "promo_event",
    "family_shared",
    "assisted_device",
    "event",
    "family",
    "volunteer",
)
"""Honest groups whose mistaken flags cost most; straight-liners are spared with them."""
SPARED_WEIGHT, STRAIGHT_WEIGHT, INTERVIEW_WEIGHT, OWN_WEIGHT = 8.0, 9.0, 1.5, 1.5
INTERVIEWED = ("tablet", "interview", "office")
LIKE_VOLUNTEERS = ("K", "S")
"""Attacks that cannot be told from volunteers' phones: caps bound them, tables need not."""
WITHOUT_TRACE = (
    *("D", "I", "L", "N", "U"),
    *("drip", "defamation", "mimicry", "turned_phone", "cloned_code", "minted_rights"),
    *("careful_fabrication", "staff_at_home", "kiosk"),
)
"""Attacks that leave next to nothing to see: to insist on them would flag honest people."""
WITHOUT_TRACE_WEIGHT = 0.3
FAINT = {"H": 2.0, "fabrication": 2.0, "E": 1.75, "mobilisation": 1.75}
"""Attacks with a faint trace, and few in a round: without this they are learned last."""
TURNS = (300, 400)
LEAST_STEP = 0.01
WIDTH = 92
TAILS = (0.9, 0.99, 0.999, 0.9999)
HEAD = '''\
"""The learned tables, written out: made by `benchmarks/train_screening.py`, not by hand.

Each line is one piece of evidence, ``kind.cell``: above each limit (@) so much is added to
the log odds. `docs/screening.md` says on which simulated rounds they were learned, and how
they did on kinds of attack that were left out.
"""

from app.anomaly.judgement.rarity import read_rarity, read_usual
from app.anomaly.judgement.scorecard import read_scorecard

EVIDENCE = read_scorecard("""
{evidence}
""")
"""What a response's company adds up to."""

ASKED = read_scorecard("""
{asked}
""")
"""The same, with how far the first card suspects that company."""

ASKED_AGAIN = read_scorecard("""
{asked_again}
""")
"""The same once more, with how far the second card suspects it."""

RARITY = read_rarity("""
{rarity}
""")
"""Strengths that 1 in 10, 100, 1,000 and 10,000 responses of attack-free rounds reach."""

USUAL = read_usual("""
{usual}
""")
"""The middle strength of honest responses, for what could not be looked at."""
'''


@dataclass(frozen=True, slots=True)
class Round:
    """What is learned from one simulated round."""

    names: tuple[str, ...]
    strengths: Floats
    ties: Ties
    is_attack: Flags
    kind: Labels
    """Kind of attack, or honest group."""
    weight: Floats

    def asked(self, suspected: Floats) -> tuple[tuple[str, ...], Floats]:
        """Strengths with the suspicions of the company beside them."""
        odds = self.ties.odds(suspected)
        names = tuple(sorted(odds))
        return (*self.names, *names), np.column_stack(
            [self.strengths, *(odds[name].astype(np.float32) for name in names)]
        )


def read_round(folder: Path) -> Round:
    """Evidence and labels of one folder."""
    submissions = read_responses(folder / "responses.csv")
    with (folder / "labels.csv").open(encoding="utf-8", newline="") as file:
        labels = {row["response_id"]: row for row in csv.DictReader(file)}
    ordered = [labels[name] for name in submissions.identifier.tolist()]
    attack = np.array([row["is_attack"] == "1" for row in ordered])
    kind = np.array([row["attack"] or row["honest_group"] for row in ordered])
    straight = np.array([row["honest_straightliner"] == "1" for row in ordered])
    return _examined(submissions, attack, kind, weight=weigh(attack, kind, straight))


def invent_round(number: int) -> Round:
    """Evidence and labels of a round of the project's own simulator."""
    made = own_round(number)
    attack = np.char.startswith(made.kind, "!")
    kind = np.char.lstrip(made.kind, "!")
    straight = np.nanstd(made.submissions.answers / made.submissions.highest, axis=1) == 0
    weight = OWN_WEIGHT * weigh(attack, kind, straight)
    return _examined(made.submissions, attack, kind, weight=weight)


def weigh(attack: Flags, kind: Labels, straight: Flags) -> Floats:
    """What it costs to be wrong about each."""
    weight = np.ones(len(kind))
    weight[~attack & np.isin(kind, INTERVIEWED)] = INTERVIEW_WEIGHT
    weight[~attack & np.isin(kind, SPARED)] = SPARED_WEIGHT
    weight[~attack & straight] = STRAIGHT_WEIGHT
    weight[attack & np.isin(kind, WITHOUT_TRACE)] = WITHOUT_TRACE_WEIGHT
    weight[attack & np.isin(kind, LIKE_VOLUNTEERS)] = 0.0
    for name, more in FAINT.items():
        weight[attack & (kind == name)] = more
    return weight


def _examined(
    submissions: Submissions, attack: Flags, kind: Labels, *, weight: Floats
) -> Round:
    findings = look(submissions, content_of(submissions, seed=SEED), seed=SEED)
    names = tuple(sorted(findings.evidence))
    strengths = np.column_stack([findings.evidence[name].strength for name in names])
    ties = tie(submissions, findings)
    return Round(names, strengths.astype(np.float32), ties, attack, kind, weight)


def learn(rounds: Sequence[Round], without: Sequence[str]) -> dict[str, str]:
    """The tables as text. Each card is learned from what the one before suspects."""
    kept = [~np.isin(one.kind, without) | ~one.is_attack for one in rounds]
    labels = np.concatenate([r.is_attack[k] for r, k in zip(rounds, kept, strict=True)])
    weights = np.concatenate([r.weight[k] for r, k in zip(rounds, kept, strict=True)])

    def fitted(tables: Sequence[Floats], turns: int) -> HistGradientBoostingClassifier:
        table = np.vstack([t[k] for t, k in zip(tables, kept, strict=True)])
        return additive(table, labels, weights, turns=turns)

    models, names = [fitted([one.strengths for one in rounds], turns=TURNS[0])], rounds[0].names
    tables: list[Floats] = [one.strengths for one in rounds]
    for _ in range(2):
        suspected = [expit(models[-1].decision_function(table)) for table in tables]
        asked = [one.asked(odds) for one, odds in zip(rounds, suspected, strict=True)]
        names, tables = asked[0][0], [table for _, table in asked]
        models.append(fitted(tables, turns=TURNS[1]))
    clean = [one for one in rounds if not one.is_attack.any()]
    return {
        "evidence": "\n".join(spell(models[0], rounds[0].names)),
        "asked": "\n".join(spell(models[1], names)),
        "asked_again": "\n".join(spell(models[2], names)),
        "rarity": "\n".join(tails(clean or rounds)),
        "usual": "\n".join(middles(names, tables, rounds)),
    }


def additive(
    table: Floats, labels: Flags, weights: Floats, *, turns: int
) -> HistGradientBoostingClassifier:
    """Rising in every column, without interactions, and without early stopping."""
    model = HistGradientBoostingClassifier(
        max_iter=turns,
        learning_rate=0.1,
        max_leaf_nodes=6,
        min_samples_leaf=80,
        monotonic_cst=[1] * table.shape[1],
        interaction_cst="no_interactions",
        l2_regularization=5,
        max_bins=40,
        early_stopping=False,
        random_state=SEED,
    )
    return model.fit(table.astype(np.float32), labels, sample_weight=weights)


def spell(model: HistGradientBoostingClassifier, names: Sequence[str]) -> Iterator[str]:
    """The steps of an additive model: each column moved alone, the others at their lowest."""
    lowest = np.full((1, len(names)), -1e6, np.float32)
    constant = float(model.decision_function(lowest)[0])
    yield f"constant {constant:.3f}"
    for column, name in enumerate(names):
        limits = np.asarray(model._bin_mapper.bin_thresholds_[column], float)
        if not len(limits):
            continue
        inside = np.concatenate([(limits[1:] + limits[:-1]) / 2, [limits[-1] + 1]])
        moved = np.repeat(lowest, len(inside), axis=0)
        moved[:, column] = inside
        amounts = model.decision_function(moved) - constant
        yield from _line(name, limits, amounts)


def _line(name: str, limits: Floats, amounts: Floats) -> Iterator[str]:
    last, line = 0.0, name
    for limit, amount in zip(limits, amounts, strict=True):
        if amount - last <= LEAST_STEP:
            continue
        last, cell = amount, f"@{limit:.7g} {amount:.2f}"
        if len(line) + len(cell) + 1 > WIDTH:
            yield line
            line = f"   {cell}"
        else:
            line = f"{line} {cell}"
    if last:
        yield line


def tails(rounds: Sequence[Round]) -> Iterator[str]:
    """The strengths that few honest responses reach."""
    honest = np.vstack([one.strengths[~one.is_attack] for one in rounds])
    for column, name in enumerate(rounds[0].names):
        reached = np.quantile(honest[:, column], TAILS)
        yield f"{name} {' '.join(f'{limit:.3f}' for limit in reached)}"


def middles(
    names: Sequence[str], tables: Sequence[Floats], rounds: Sequence[Round]
) -> Iterator[str]:
    """What each piece usually says of honest responses."""
    honest = np.vstack([t[~r.is_attack] for t, r in zip(tables, rounds, strict=True)])
    for name, middle in zip(names, np.median(honest, axis=0), strict=True):
        yield f"{name} {middle:.4f}"


def main() -> None:
    """Read the rounds, learn, write."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("rounds", nargs="+", type=Path)
    parser.add_argument("--own", type=int, default=0, help="rounds of our own simulator")
    parser.add_argument("--without", nargs="*", default=[], help="kinds of attack left out")
    parser.add_argument("--out", type=Path, default=OUT)
    asked = parser.parse_args()
    with ProcessPoolExecutor(max_workers=2) as workers:
        rounds = list(workers.map(read_round, asked.rounds))
        rounds += workers.map(invent_round, range(asked.own))
    for one in rounds:
        print(f"{len(one.kind)} responses, {one.is_attack.sum()} false")
    tables: Mapping[str, str] = learn(rounds, asked.without)
    asked.out.write_text(HEAD.format(**tables), encoding="utf-8")
    print(f"written: {asked.out}")


if __name__ == "__main__":
    main()
