"""Commands of a round's life up to its close: check, draft, open, codes, import, close."""

from datetime import UTC, datetime
from pathlib import Path
from typing import Annotated

import typer

from app.database.engine import open_database
from app.database.fieldwork import count_responses
from app.database.rounds import find_round, list_rounds, load_round
from app.documents.printing.code_package import code_package, placards_of
from app.documents.printing.fonts import find_fonts
from app.errors import MinxinError, NotFound
from app.settings import DEFINITIONS, Settings
from app.workflow.fieldwork import close_round, destroy_key
from app.workflow.importing import import_answers
from app.workflow.preparation import draft_round, issue_codes, open_round, read_plan
from app.workflow.registry import full_registry, read_text

application = typer.Typer(help="Prepare, open and close rounds.", no_args_is_help=True)
PlanFile = Annotated[Path, typer.Argument(help="The round's plan, a YAML file.")]
RoundCode = Annotated[str, typer.Argument(help="The round's code.")]
Definitions = Annotated[Path, typer.Option(help="The folder of definitions.")]


def add_commands(root: typer.Typer) -> None:
    """The acts on a round that stand at the top: `codes` and `import`."""
    root.command("codes")(codes)
    root.command("import")(import_file)


@application.command("check")
def check(plan: PlanFile, definitions: Definitions = DEFINITIONS) -> None:
    """Read a plan and the definitions it names; report every mistake, change nothing."""
    with open_database(Settings().database_url)() as session:
        registry = full_registry(session, definitions)
    sound = read_plan(read_text(plan), source=str(plan), registry=registry)
    typer.echo(f"{plan}: sound. Round {sound.code}, survey {sound.survey}.")


@application.command("draft")
def draft(plan: PlanFile, definitions: Definitions = DEFINITIONS) -> None:
    """Keep a plan as a draft, which may still be replaced."""
    with open_database(Settings().database_url).begin() as session:
        registry = full_registry(session, definitions)
        row = draft_round(
            session, read_text(plan), source=str(plan), registry=registry, now=_now()
        )
    typer.echo(f"Round {row.code} is {row.state}. Plan {row.plan_digest}.")


@application.command("open")
def open_(plan: PlanFile, definitions: Definitions = DEFINITIONS) -> None:
    """Freeze a plan, open its round and issue a code to every point."""
    with open_database(Settings().database_url).begin() as session:
        registry = full_registry(session, definitions)
        now = _now()
        row = draft_round(
            session, read_text(plan), source=str(plan), registry=registry, now=now
        )
        said = f"Round {row.code} is {row.state} already, with this very plan."
        if row.state == "draft":
            open_round(session, row, now=now)
            said = f"Round {row.code} is open. Its plan is frozen: {row.plan_digest}."
        codes_by_point = issue_codes(session, row, now=now)
    # Said once it is kept: a message that fails, or is cut off, must not undo the act.
    typer.echo(said)
    for point, code in codes_by_point.items():
        typer.echo(f"  {point}: {Settings().public_url}/s/{code}")


@application.command("close")
def close(code: RoundCode) -> None:
    """End fieldwork: from here on the data of the round are fixed."""
    with open_database(Settings().database_url).begin() as session:
        row = find_round(session, code)
        close_round(session, row, now=_now())
        count = count_responses(session, row.id)
    typer.echo(f"Round {code} is closed with {count} responses.")


@application.command("destroy-key")
def destroy(code: RoundCode) -> None:
    """Destroy the key of a closed round's hashes, when its review is over."""
    with open_database(Settings().database_url).begin() as session:
        destroy_key(session, find_round(session, code), now=_now())
    typer.echo(
        f"The key of {code} is destroyed: its hashes of devices and networks say nothing."
    )


@application.command("forget-telemetry")
def forget(code: RoundCode) -> None:
    """Forget how the responses of a round came about, and its key, 30 days after its close."""
    from app.workflow.forgetting import forget_and_sweep  # only this command makes segments

    settings = Settings()
    sessions = open_database(settings.database_url)
    count = forget_and_sweep(sessions, code, settings.data_directory, now=_now())
    if not count:
        typer.echo(
            f"The key of {code} is destroyed; its answers were imported, no more is known."
        )
        return
    typer.echo(
        f"How the {count} responses of {code} came about is forgotten, and its key destroyed.\n"
        "Backups made before today still hold it: delete them within 30 days of being made.\n"
        "So do files that `minxin answers` wrote: have them deleted by whom they were given to."
    )


@application.command("list")
def list_() -> None:
    """Every round with its state and the number of responses."""
    with open_database(Settings().database_url).begin() as session:
        for row in list_rounds(session):
            count = count_responses(session, row.id)
            typer.echo(f"{row.code:32} {row.state:10} {count:8} responses")


def codes(
    round_code: RoundCode,
    out: Annotated[Path, typer.Option(help="The folder to write into.")],
) -> None:
    """Write the symbol of every point, posters, table tents and stickers, each read back."""
    settings = Settings()
    now = _now()
    with open_database(settings.database_url).begin() as session:
        row = find_round(session, round_code)
        frozen = load_round(session, row)
        issued = issue_codes(session, row, now=now)
    if not issued:
        raise NotFound(f"The plan of {round_code} has no points, so there is nothing to print.")
    placards = placards_of(
        frozen.plan, frozen.survey, issued, public_url=settings.public_url, day=now.date()
    )
    files = code_package(placards, fonts=find_fonts(settings.font_directory))
    out.mkdir(parents=True, exist_ok=True)
    for name, content in files.items():
        (out / name).write_bytes(content)
    typer.echo(f"{len(files)} files in {out}; every symbol was read back from its page.")


def import_file(
    round_code: RoundCode,
    file: Annotated[Path, typer.Argument(help="A CSV file of answers.")],
) -> None:
    """Take in answers collected elsewhere: the whole file, or none of it."""
    content = read_content(file)
    with open_database(Settings().database_url).begin() as session:
        row = find_round(session, round_code)
        imported = import_answers(session, row, content, name=file.name, now=_now())
    typer.echo(f"{len(imported.rows)} responses imported into {round_code}.")
    if imported.off_route:
        typer.echo(f"{imported.off_route} answers to items that were not asked: left out.")


def read_content(file: Path) -> bytes:
    """The bytes of a file that an operator names."""
    try:
        return file.read_bytes()
    except FileNotFoundError:
        raise NotFound(f"There is no file {file}.") from None
    except OSError as error:
        raise MinxinError(f"{file} cannot be read: {error.strerror}.") from None


def _now() -> datetime:
    return datetime.now(UTC)
