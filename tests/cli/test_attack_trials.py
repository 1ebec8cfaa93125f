"""`minxin simulate-attack`: a table people understand, a file for programs, nothing kept."""

import csv
import hashlib
import json
from pathlib import Path

import numpy as np
import pytest
from click.testing import Result
from typer.testing import CliRunner

from app.anomaly.engine import examine
from app.anomaly.simulation.attacks.registry import KINDS
from app.anomaly.simulation.invented import invent
from app.anomaly.simulation.town import WorldSettings
from app.anomaly.submissions import Submissions
from app.cli import attack_trials, main
from app.cli.status import cells
from app.database.engine import make_engine, make_sessions
from app.workflow.admission import admit
from app.workflow.arrivals import Arrival
from app.workflow.attack_trial import round_subject
from bare_examination import believes_no_device_twice
from world import NOW, TOWN_PLAN, a_place, a_round, a_submission

INVENTED = invent(WorldSettings(points=5, districts=2, responses=600, sampled=8), 2)
ENGINE = attack_trials._engine
MANUAL = Path(__file__).parents[2] / "docs" / "attack_trials.md"


@pytest.fixture(autouse=True)
def engine_of_the_tests(monkeypatch: pytest.MonkeyPatch) -> None:
    """An examination whose results are known; the real one has tests of its own."""
    monkeypatch.setattr(attack_trials, "_engine", lambda: believes_no_device_twice)
    monkeypatch.setenv("LANG", "C.UTF-8")
    monkeypatch.delenv("LC_ALL", raising=False)
    monkeypatch.delenv("LC_MESSAGES", raising=False)


def simulate(*words: str | Path) -> Result:
    return CliRunner().invoke(main.application, ["simulate-attack", *map(str, words)])


def said(*words: str | Path) -> str:
    result = simulate(*words)
    assert result.exit_code == 0, result.output + repr(result.exception)
    return result.stdout


def refused(*words: str | Path) -> str:
    result = simulate(*words)
    assert result.exit_code == 2, result.output + repr(result.exception)
    assert result.stdout == ""
    return result.stderr


def responses_file(folder: Path, rows: Submissions) -> Path:
    """Responses as other tools export them."""
    file = folder / "responses.csv"
    items = [f"g{j + 1}" for j in range(len(rows.highest))]
    pages = [f"page{j + 1}_s" for j in range(rows.dwell.shape[1])]
    heads = ["response_id", "point_id", "district_id", "enumerator_id", "submitted_slot"]
    heads += ["device_hash", "network_hash", *pages, *items]
    with file.open("w", encoding="utf-8", newline="") as out:
        writer = csv.writer(out)
        writer.writerow(heads)
        for i in range(len(rows)):
            minute = int(rows.minute[i])
            day, hour = minute // 1440 + 1, minute % 1440 // 60
            slot = f"2026-03-{day:02d}T{hour:02d}:{minute % 60:02d}"
            named = (rows.identifier, rows.point, rows.district, rows.enumerator)
            answers = ["" if np.isnan(a) else int(a) + 1 for a in rows.answers[i]]
            labels = [str(column[i]) for column in named]
            seconds = rows.dwell[i].tolist()
            writer.writerow(
                [*labels, slot, rows.device[i], rows.network[i], *seconds, *answers]
            )
    return file


def test_a_file_is_attacked_and_stays_as_it_is(tmp_path):
    file = responses_file(tmp_path, INVENTED.submissions)
    before = hashlib.sha256(file.read_bytes()).hexdigest()
    words = said("--responses", file, "--kinds", "stuffing,drip", "--rate", "0.1")
    assert "responses.csv: " in words
    assert "Withstood, moving scores by less than 0.5 points on average: One phone" in words
    assert "Felt, and mostly undetected: Slow drip (" in words
    assert "no database and no file was changed" in words
    assert hashlib.sha256(file.read_bytes()).hexdigest() == before
    assert list(tmp_path.iterdir()) == [file]


def test_the_table_is_aligned_in_both_languages_and_worst_comes_first():
    for language, first in (("en", "Slow drip"), ("zh-Hans", "细水长流")):
        words = said("--invented", "2", "--kinds", "stuffing,drip", "--language", language)
        rows = words.splitlines()
        start = next(i for i, line in enumerate(rows) if line.startswith(first))
        table = rows[start - 1 : start + 4]
        assert len({cells(line) for line in table}) == 1, table
        assert all(line.startswith(first) for line in table[1:3])


def test_every_outcome_is_written_for_programs(tmp_path):
    out = tmp_path / "trial.json"
    kinds = ("stuffing", "minted_rights")
    options = ("--kinds", ",".join(kinds), "--rate", "0.05", "--rate", "0.2", "--seeds", "2")
    said("--invented", "2", *options, "--out", out)
    found = json.loads(out.read_text(encoding="utf-8"))
    assert found["schema"] == "minxin-attack-trial/1"
    assert found["rates"] == [0.05, 0.2]
    assert found["seeds"] == [1, 2]
    assert list(found["kinds"]) == ["stuffing"]
    assert list(found["not_tried"]) == ["minted_rights"]
    assert [len(found[name]) for name in ("untouched", "scorecard", "outcomes")] == [2, 2, 4]
    of_one_rate = [o for o in found["outcomes"] if o["rate"] == 0.2]
    line = next(line for line in found["scorecard"] if line["rate"] == 0.2)
    assert line["recall"] == pytest.approx(np.mean([o["recall"] for o in of_one_rate]))
    assert line["moved_after_most"] == max(o["moved_after_most"] for o in of_one_rate)


def test_the_same_words_give_the_same_result(tmp_path):
    files = [tmp_path / "one.json", tmp_path / "two.json"]
    for file in files:
        said("--invented", "4", "--kinds", "farm,coaching", "--rate", "0.1", "--out", file)
    assert files[0].read_bytes() == files[1].read_bytes()


@pytest.fixture
def town(sqlite_url: str, monkeypatch: pytest.MonkeyPatch):
    """A database with an open round of 80 responses at two points."""
    monkeypatch.setenv("MINXIN_DATABASE_URL", sqlite_url)
    engine = make_engine(sqlite_url)
    sessions = make_sessions(engine)
    dice = np.random.default_rng(1)
    with sessions.begin() as session:
        row = a_round(session, TOWN_PLAN)
        places = [a_place(session, row, point) for point in ("east-hall", "west-hall")]
        for i in range(80):
            answers = {f"Q{q}": int(dice.integers(2, 6)) for q in (1, 2, 3)}
            arrival = Arrival(places[i % 2], a_submission(f"k{i}", answers))
            admit(session.connection(), [arrival], now=NOW)
    yield sessions
    engine.dispose()


def test_a_round_of_the_platform_is_attacked_in_memory_only(town, sqlite_url):
    file = Path(sqlite_url.partition("///")[2])
    with town() as session:
        before = round_subject(session, "town-2026").submissions
    stored = file.read_bytes()
    words = said("--round", "town-2026", "--rate", "0.1")
    assert "Town survey: 80 responses at 2 points" in words
    for kind in ("Fabricated interviews", "Rights for visits that never were"):
        assert f"Not tried, {kind}: " in words
    assert file.read_bytes() == stored
    with town() as session:
        after = round_subject(session, "town-2026").submissions
    for name in before.__slots__:
        np.testing.assert_array_equal(getattr(before, name), getattr(after, name))


def test_a_round_that_is_not_there_or_too_small_is_refused(town, monkeypatch):
    assert "nowhere" in refused("--round", "nowhere")
    monkeypatch.setattr("app.workflow.attack_trial.FEWEST", 81)
    assert "80 responses with a score; a trial needs 81" in refused("--round", "town-2026")


@pytest.mark.parametrize(
    ("words", "told"),
    [
        ((), "nothing to attack is named"),
        (("--round", "a", "--invented", "1"), "more than one is named"),
        (("--invented", "1", "--reference", "a.csv"), "belongs to a file"),
        (("--invented", "1", "--kinds", "magic"), "is no kind of attack"),
        (("--invented", "1", "--rate", "0"), "is no share of false responses"),
        (("--invented", "1", "--rate", "0.9", "--seeds", "0"), "2 problems"),
        (("--invented", "1", "--out", "no/such/folder.json"), "has no folder"),
        (("--responses", "no-such.csv"), "no-such.csv"),
    ],
)
def test_what_cannot_be_tried_is_refused_before_anybody_waits(words, told):
    assert told in refused(*words)
    assert refused(*words, "--language", "zh-Hans") != refused(*words)


def test_what_is_tried_is_the_examination_that_screens_rounds():
    assert ENGINE() is examine


def test_the_manual_names_every_kind():
    text = MANUAL.read_text(encoding="utf-8")
    for code, kind in KINDS.items():
        assert f"`{code}`" in text, code
        assert kind.name.zh in text, code
