"""What the resident's page weighs, and what serving it costs against serving kept bytes.

    .venv/bin/python benchmarks/pages.py

An open round for each survey in a temporary SQLite file, asked through the application
itself. Bytes are those of the first response with gzip. The ratio compares a page with the
kept script file, in the same run.
"""

import gzip
import tempfile
import time
from datetime import UTC, datetime
from pathlib import Path
from statistics import median

from starlette.testclient import TestClient

from app.database.engine import open_database
from app.database.rounds import active_codes
from app.settings import HOME, Settings
from app.web.application import create_app
from app.web.resident.pages import script_address
from app.workflow.preparation import draft_round, open_round
from app.workflow.registry import load_registry, read_text

NOW = datetime(2026, 11, 22, tzinfo=UTC)
DEFINITIONS = HOME / "survey_defs"
SURVEYS = ("service_review@1", "three_senses@1", "three_senses_short@1")
REQUESTS = 60


def main() -> None:
    """Print one line for each survey and language."""
    with tempfile.TemporaryDirectory() as folder:
        url = f"sqlite:///{Path(folder) / 'bench.sqlite3'}"
        codes = {survey: open_code(url, survey) for survey in SURVEYS}
        application = create_app(Settings(database_url=url), clock=lambda: NOW)
        with TestClient(application) as client:
            kept = seconds(client, script_address())
            print(f"{'survey':28}{'raw':>8}{'gzip':>7}{'page':>10}{'kept':>10}{'ratio':>8}")
            for survey, code in codes.items():
                for language in ("zh-Hans", "en"):
                    report(client, f"/s/{code}?l={language}", f"{survey} {language}", kept)


def report(client: TestClient, path: str, name: str, kept: float) -> None:
    """Bytes and time of one page."""
    body = client.get(path).content
    page = seconds(client, path)
    times = f"{page * 1000:7.2f} ms{kept * 1000:7.2f} ms{page / kept:7.1f}x"
    print(f"{name:28}{len(body):8d}{len(gzip.compress(body, 9)):7d}{times}")


def open_code(url: str, survey: str) -> str:
    """Open a round of a survey and give the code of one of its points."""
    text = read_text(DEFINITIONS / "plans" / "demo_senses.yaml").partition("\ncomposite:")[0]
    text = text.partition("\nmargins:")[0] + RULES
    text = text.replace("survey: three_senses@1", f"survey: {survey}")
    text = text.replace("code: demo-senses", f"code: {code_of(survey)}")
    with open_database(url).begin() as session:
        registry = load_registry(DEFINITIONS)
        row = draft_round(session, text, source="bench", registry=registry, now=NOW)
        open_round(session, row, now=NOW)
        return next(iter(active_codes(session, row.id).values()))


def code_of(survey: str) -> str:
    """A round's code for a survey: codes of rounds have no underscore."""
    return survey.partition("@")[0].replace("_", "-")


def seconds(client: TestClient, path: str) -> float:
    """Median seconds of a request."""
    taken = []
    for _ in range(REQUESTS):
        started = time.perf_counter()
        client.get(path)
        taken.append(time.perf_counter() - started)
    return median(taken)


RULES = """
weighting: [{kind: base}]
screening: {}
screening_note: {zh-Hans: 无, en: None}
release: {min_n: 30, min_effective_n: 30, min_effective_n_rank: 100, min_cell: 5}
seed: 1
"""

if __name__ == "__main__":
    main()
