"""Commands that keep the platform running: migrate, serve, worker, demo, health, schema."""

import json
import os
import subprocess
import sys
from collections.abc import Mapping
from datetime import UTC, datetime
from pathlib import Path
from typing import Annotated

import typer
import uvicorn

from app.cli.logs import configure_logs, log_config
from app.database.engine import is_ready, make_engine, open_database
from app.documents.printing.fonts import find_fonts
from app.errors import DocumentFailed, MinxinError
from app.scoring.definition.system import IndicatorSystem
from app.settings import DEFINITIONS, HOME, Settings
from app.survey.assessment import AssessmentPlan
from app.survey.definition import Survey
from app.survey.plan import Plan
from app.survey.reading import CheckedDefinition
from app.survey.schema import schema_text
from app.survey.score_maps import ScoreMaps
from app.workflow.demonstration import Demonstration, make_demonstration
from app.workflow.people.demonstration import PEOPLE, make_people, new_passphrase

SCHEMAS = DEFINITIONS / "schema"
DEFINITION_FILES: dict[str, type[CheckedDefinition]] = {
    "survey": Survey,
    "score-maps": ScoreMaps,
    "plan": Plan,
    "system": IndicatorSystem,
    "assessment": AssessmentPlan,
}

Host = Annotated[str, typer.Option(help="The address to listen on.")]
Port = Annotated[int, typer.Option(help="The port to listen on.")]
Workers = Annotated[
    int,
    typer.Option(
        help="Processes that serve; on PostgreSQL one a core, less one.", min=1, max=64
    ),
]


def add_commands(root: typer.Typer) -> None:
    """The acts of an operator stand at the top."""
    for command in (migrate, serve, worker, demo, health, schema):
        root.command(command.__name__)(command)


def migrate() -> None:
    """Bring the database to the tables of this version."""
    open_database(Settings().database_url)
    typer.echo("The database is up to date.")


def serve(host: Host = "127.0.0.1", port: Port = 8000, workers: Workers = 1) -> None:
    """Serve the pages; migrate first if needed."""
    settings = Settings()
    open_database(settings.database_url)
    look_for_fonts(settings)
    _serve(settings, host, port, workers)


def worker() -> None:
    """Compute requested runs and make documents, for ever."""
    from app.cli.worker import work  # what computes stays out of the process that serves

    settings = Settings()
    configure_logs(settings.log_level)
    sessions = open_database(settings.database_url)
    work(sessions, settings.data_directory, settings.font_directory)


def demo(host: Host = "127.0.0.1", port: Port = 8000) -> None:
    """Make the demonstration if it is not there yet, and serve it with a worker."""
    os.environ.setdefault("MINXIN_LOG_LEVEL", "warning")
    settings = Settings()
    sessions = open_database(settings.database_url)
    demonstration = make_demonstration(
        sessions,
        DEFINITIONS,
        now=datetime.now(UTC),
        progress=lambda step: typer.echo(f"  … {step}"),
    )
    passphrases = _kept_passphrases()
    make_people(sessions, passphrases, now=datetime.now(UTC))
    look_for_fonts(settings)
    _announce(demonstration, passphrases, f"http://{host}:{port}")
    command = [sys.executable, "-m", "app", "worker"]
    helper = subprocess.Popen(command, cwd=HOME)  # noqa: S603 - our own program
    try:
        _serve(settings, host, port)
    finally:
        helper.terminate()
        helper.wait()


def health() -> None:
    """Whether the database can be reached and has this version's tables; for probes."""
    if not is_ready(make_engine(Settings().database_url)):
        raise MinxinError("The database is not at this version's tables: run minxin migrate.")
    typer.echo("ready")


def schema(
    out: Annotated[Path, typer.Option(help="The folder to write into.")] = DEFINITIONS
    / "schema",
) -> None:
    """Write the JSON Schemas of the definition files, for editors."""
    out.mkdir(parents=True, exist_ok=True)
    for name, model in DEFINITION_FILES.items():
        (out / f"{name}.json").write_text(schema_text(model), encoding="utf-8")
        typer.echo(f"{name}.json")


def _serve(settings: Settings, host: str, port: int, workers: int = 1) -> None:
    """Serve the application; it reads its settings from the environment, as a door does."""
    uvicorn.run(
        "app.web.application:from_environment",
        factory=True,
        host=host,
        port=port,
        workers=workers,
        access_log=False,
        server_header=False,
        proxy_headers=False,
        log_config=log_config(settings.log_level),
    )


def look_for_fonts(settings: Settings) -> None:
    """Say at once that posters cannot be printed, not on the day they are needed."""
    try:
        find_fonts(settings.font_directory)
    except DocumentFailed as missing:
        typer.echo(f"Posters cannot be made yet: {missing}", err=True)


def _kept_passphrases() -> dict[str, str]:
    """The passphrases of the demonstration's people: made once, kept beside its database."""
    path = HOME / "var" / "demo_people.json"
    kept: dict[str, str] = json.loads(path.read_text("utf-8")) if path.exists() else {}
    passphrases = {one.login: kept.get(one.login) or new_passphrase() for one in PEOPLE}
    if passphrases != kept:
        path.parent.mkdir(parents=True, exist_ok=True)
        path.touch(mode=0o600)
        path.write_text(json.dumps(passphrases, indent=1), encoding="utf-8")
    return passphrases


def _announce(
    demonstration: Demonstration, passphrases: Mapping[str, str], address: str
) -> None:
    lines = {
        "Answer as a resident": f"{address}/s/{demonstration.resident_code}",
        "Read the results": f"{address}/p/{demonstration.results_round}",
        "Read composite scores": f"{address}/a/{demonstration.assessment}",
        "Open the console": f"{address}/console",
    }
    typer.echo("\n民心尺 Minxin is ready.\n")
    for what, where in lines.items():
        typer.echo(f"  {what:22} {where}")
    typer.echo("\n  In the console you are one of these; what takes two takes two of them:")
    for one in PEOPLE:
        typer.echo(f"    {one.login:10} {passphrases[one.login]}   {one.task['en']}")
    code = demonstration.open_round
    typer.echo(
        "\n  After answering, in another terminal (or in the console):\n"
        f"    .venv/bin/minxin round close {code}\n"
        f"    .venv/bin/minxin process {code}\n"
        "    .venv/bin/minxin publish RUN\n\n"
        "  Ctrl-C stops the server; the answers stay.\n"
    )
