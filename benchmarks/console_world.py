"""A large installation in PostgreSQL for `console.py`: 10^6 responses, 3,000 units, 200 rounds.

What the platform computes or checks is made by the platform: the demonstration, every plan,
the run and the scoring of 3,000 units. What there is merely a lot of is written by SQL:
each response is a copy of a simulated answer with its own key, unit and point; each further
run is a copy of a real one; colleagues, jobs and lines of the audit trail are rows of the
usual size.
"""

import re
import time
from collections.abc import Callable, Mapping
from datetime import UTC, datetime, timedelta

import yaml
from sqlalchemy import text

from app.database.engine import Session, Sessions
from app.database.results import find_run
from app.database.rounds import find_round
from app.settings import HOME
from app.workflow.assessment.drafting import draft_assessment
from app.workflow.assessment.importing import ValueFile, import_values
from app.workflow.assessment.running import run_scores
from app.workflow.demonstration import make_demonstration
from app.workflow.fieldwork import close_round
from app.workflow.preparation import draft_round, open_round
from app.workflow.processing import process_now
from app.workflow.publication import publish
from app.workflow.registry import Registry, load_registry, read_text
from app.workflow.trail import seal

NOW = datetime(2026, 11, 22, 8, 0, tzinfo=UTC)
DEFINITIONS = HOME / "survey_defs"
UNITS = 3000
ROUNDS = 200
LARGE_OPEN, LARGE_CLOSED, LARGE_ASSESSMENT = "large-open", "large-closed", "large-scores"
RESPONSES = {LARGE_OPEN: 300_000, LARGE_CLOSED: 300_000}
EVERYWHERE_ELSE = 400_000
COMPUTED_FROM = 30_000
"""Responses of the large closed round that its run was computed from."""
CHIEF = "chief"

COPY = """
INSERT INTO response (id, round_id, import_id, unit, point, evidence, survey, channel,
    assurance, answers, background, weight, paradata, submission_hash, body_digest)
SELECT lpad(to_hex(CAST(:round AS int)), 8, '0')
        || substr(md5(concat_ws('-', CAST(:round AS int), n, CAST(:salt AS text))), 1, 24),
    CAST(:round AS int), NULL, concat('unit-', 1 + mod(n, CAST(:units AS int))),
    concat('point-', 1 + mod(n, CAST(:units AS int))), model.evidence, model.survey,
    model.channel, model.assurance, model.answers, model.background, model.weight,
    model.paradata, md5(concat_ws('-', CAST(:round AS int), n, CAST(:salt AS text)))
        || md5(CAST(n AS text)),
    model.body_digest
FROM generate_series(1, CAST(:n AS int)) n
JOIN (SELECT row_number() OVER () - 1 AS place, count(*) OVER () AS many, response.*
      FROM response WHERE round_id = :model) model ON model.place = mod(n, model.many)
"""
PEOPLE = """
INSERT INTO office (code, name, parent_id, path, position, assessed, created_at)
SELECT 'office-' || n, json_build_object('zh-Hans', '第' || n || '科', 'en', 'Office ' || n), 1,
    '/1/' || n + 1000 || '/', n, mod(n, 5) = 0, CAST(:now AS timestamptz)
FROM generate_series(1, 300) n;
UPDATE office SET path = '/1/' || id || '/' WHERE id > 1;
INSERT INTO person (login, name, office_id, needs_second_factor, active, created_at)
SELECT 'person-' || n, '同事' || n,
    (SELECT id FROM office WHERE code = 'office-' || 1 + mod(n, 300)),
    false, mod(n, 20) > 0, CAST(:now AS timestamptz) FROM generate_series(1, 1000) n;
INSERT INTO role_grant (person_id, role, office_id, granted_at)
SELECT id, CASE mod(id, 4) WHEN 0 THEN 'viewer' WHEN 1 THEN 'round_operator'
    WHEN 2 THEN 'survey_designer' ELSE 'anomaly_reviewer' END, office_id,
    CAST(:now AS timestamptz)
FROM person WHERE login LIKE 'person-%';
INSERT INTO audit_event (at, act, object, author, office, detail)
SELECT CAST(:now AS timestamptz) - (300001 - n) * interval '1 minute',
    (ARRAY['sign_in', 'open', 'view campaign', 'score', 'export_audit'])[1 + mod(n, 5)],
    CASE mod(n, 5) WHEN 0 THEN 'person-' || mod(n, 1000) ELSE 'round-' || mod(n, 197) END,
    'person-' || mod(n, 1000), 'office-' || mod(n, 300),
    json_build_object('run', n, 'note', '说明')
FROM generate_series(1, 300000) n;
INSERT INTO job (kind, object, office_id, asked_by, language, "order", state, done, asked_at,
    finished_at, manifest)
SELECT 'report', 'round-' || mod(n, 197), 1, (SELECT min(id) FROM person), 'zh-Hans', '{}',
    'finished', 100, CAST(:now AS timestamptz) - n * interval '1 hour',
    CAST(:now AS timestamptz), '{"files": []}'
FROM generate_series(1, 2000) n;
INSERT INTO approval (act, object, office_id, digest, detail, asked_by, note, asked_at)
SELECT 'publish_run', 'round-' || mod(n, 197), 1, md5('a' || n) || md5('b' || n), '{}',
    (SELECT min(id) FROM person), '', CAST(:now AS timestamptz) - n * interval '1 hour'
FROM generate_series(1, 400) n;
INSERT INTO approval_answer (approval_id, answer, person_id, note, at)
SELECT id, 'approve', (SELECT max(id) FROM person), '', asked_at
FROM approval WHERE mod(id, 40) > 0;
"""

Progress = Callable[[str], None]


def make_world(sessions: Sessions, progress: Progress) -> None:
    """Everything, one part after the other, each in its own transaction."""
    registry = load_registry(DEFINITIONS)
    steps: Mapping[str, Callable[[], object]] = {
        "the demonstration": lambda: make_demonstration(
            sessions, DEFINITIONS, now=NOW, progress=lambda _: None
        ),
        f"{ROUNDS - 2} further rounds": lambda: _make_rounds(sessions, registry),
        f"a run of {UNITS} units": lambda: _compute(sessions),
        "the other responses": lambda: _fill(sessions),
        "runs of the other rounds": lambda: _copy_runs(sessions),
        f"an assessment of {UNITS} units": lambda: _assess(sessions, registry),
        "colleagues, jobs, the audit trail": lambda: _staff(sessions),
    }
    for name, step in steps.items():
        started = time.perf_counter()
        step()
        progress(f"{name}: {time.perf_counter() - started:.0f} s")


def _make_rounds(sessions: Sessions, registry: Registry) -> None:
    model = read_text(DEFINITIONS / "plans" / "demo_senses.yaml")
    sizes = {LARGE_OPEN: UNITS, LARGE_CLOSED: UNITS}
    sizes |= {f"round-{n}": 120 if n % 12 == 0 else 4 for n in range(1, ROUNDS - 3)}
    for code, units in sizes.items():
        with sessions.begin() as session:
            plan = _plan(model, code, units)
            row = draft_round(session, plan, source=code, registry=registry, now=NOW)
            if not code.endswith("7"):  # a few are still drafts
                open_round(session, row, now=NOW - timedelta(days=1))


def _plan(model: str, code: str, units: int) -> str:
    plan = yaml.safe_load(model)
    plan["code"] = code
    plan["title"] = {"zh-Hans": f"满意度调查 {code}", "en": f"Satisfaction survey {code}"}
    plan["regions"] = [{"code": "demo", "name": {"zh-Hans": "示范市", "en": "Demo City"}}]
    plan["units"] = [
        {
            "code": f"unit-{n}",
            "name": {"zh-Hans": f"第{n}街道", "en": f"Street {n}"},
            "region": "demo",
            "region_type": "ecological" if n % 2 else "key_development",
            "population": 10_000 + n,
        }
        for n in range(1, units + 1)
    ]
    plan["points"] = [
        {
            "code": f"point-{n}",
            "name": {"zh-Hans": f"第{n}街道服务大厅", "en": f"Service hall {n}"},
            "unit": f"unit-{n}",
        }
        for n in range(1, units + 1)
    ]
    plan["release"] = {**plan["release"], "min_n": 5, "min_effective_n": 5}
    del plan["composite"], plan["screening"]["company"]
    return yaml.safe_dump(plan, allow_unicode=True, sort_keys=False)


def _compute(sessions: Sessions) -> None:
    with sessions.begin() as session:
        row = find_round(session, LARGE_CLOSED)
        _copy(session, row.id, UNITS, COMPUTED_FROM, salt="a")
        close_round(session, row, now=NOW)
    number = process_now(sessions, LARGE_CLOSED, now=NOW).id
    with sessions.begin() as session:
        publish(session, find_run(session, number), now=NOW)


def _fill(sessions: Sessions) -> None:
    with sessions.begin() as session:
        found = session.execute(
            text("SELECT code, id, plan FROM round WHERE state <> 'draft'")
        ).all()
        others = [row for row in found if row.code.startswith("round-")]
        sizes = {
            **{row.code: EVERYWHERE_ELSE // len(others) for row in others},
            LARGE_OPEN: RESPONSES[LARGE_OPEN],
            LARGE_CLOSED: RESPONSES[LARGE_CLOSED] - COMPUTED_FROM,
        }
        for code, round_id, plan in found:
            if code in sizes:
                units = len(re.findall("region_type: ", plan))
                _copy(session, round_id, units, sizes[code], salt="b")
    with sessions.begin() as session:
        session.execute(text("ANALYZE"))


def _copy(session: Session, round_id: int, units: int, n: int, *, salt: str) -> None:
    model = find_round(session, "demo-senses").id
    values = {"round": round_id, "units": units, "n": n, "salt": salt, "model": model}
    session.execute(text(COPY), values)


def _copy_runs(sessions: Sessions) -> None:
    """Two of three further rounds are closed, with two runs each, the last one public."""
    copy = """
        INSERT INTO run (round_id, state, seed, plan_digest, data_digest, code_version,
            document, document_digest, requested_at, claimed_at, finished_at)
        SELECT round.id, 'finished', model.seed, round.plan_digest, model.data_digest,
            model.code_version, model.document, model.document_digest, model.requested_at,
            model.claimed_at, model.finished_at
        FROM round, (SELECT * FROM run ORDER BY id LIMIT 1) model
        WHERE round.code LIKE 'round-%' AND round.state = 'open' AND mod(round.id, 3) > 0"""
    with sessions.begin() as session:
        for _ in range(2):
            session.execute(text(copy))
        session.execute(
            text(
                "INSERT INTO publication (run_id, published_at) SELECT max(run.id), :now "
                "FROM run JOIN round ON round.id = run.round_id "
                "WHERE round.code LIKE 'round-%' GROUP BY round.id"
            ),
            {"now": NOW},
        )
        session.execute(
            text(
                "UPDATE round SET state = 'published', closed_at = :now "
                "WHERE code LIKE 'round-%' AND id IN (SELECT round_id FROM run)"
            ),
            {"now": NOW},
        )


def _assess(sessions: Sessions, registry: Registry) -> None:
    plan = yaml.safe_load(read_text(DEFINITIONS / "assessments" / "demo_hqd_2024.yaml"))
    types = [unit["region_type"] for unit in plan["units"]]
    models = [unit["name"]["zh-Hans"] for unit in plan["units"]]
    plan["code"], plan["units"] = LARGE_ASSESSMENT, []
    for n in range(UNITS):
        name = {"zh-Hans": f"第{n}街道", "en": f"Street {n}"}
        unit = {"code": f"unit-{n}", "name": name, "region_type": types[n % len(types)]}
        plan["units"].append(unit)
    files = {
        name: (DEFINITIONS / "demo" / name).read_text("utf-8").splitlines()
        for name in ("demo_hqd_2024_statistics.csv", "demo_hqd_2024_surveys.csv")
    }
    with sessions.begin() as session:
        source = yaml.safe_dump(plan, allow_unicode=True, sort_keys=False)
        row = draft_assessment(session, source, source="", registry=registry, now=NOW)
        for name, (heading, *lines) in files.items():
            by_unit = {
                one: [line for line in lines if line.startswith(f"{one},")] for one in models
            }
            told = [
                line.replace(models[n % len(models)], f"第{n}街道", 1)
                for n in range(UNITS)
                for line in by_unit[models[n % len(models)]]
            ]
            content = "\n".join([heading, *told]).encode()
            import_values(session, row, ValueFile(name, content), now=NOW)
    run_scores(sessions, LARGE_ASSESSMENT, now=NOW)


def _staff(sessions: Sessions) -> None:
    with sessions.begin() as session:
        for statement in filter(str.strip, PEOPLE.split(";")):
            session.execute(text(statement), {"now": NOW} if ":now" in statement else {})
    with sessions.begin() as session:
        seal(session, now=NOW)  # as the worker does
        session.execute(text("ANALYZE"))
