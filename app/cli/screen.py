"""The command that examines responses without the platform: CSV files in, influence out."""

import json
import os
import sys
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from app.cli.whole_files import write_whole
from app.errors import InputRefused, MinxinError, Problem
from app.survey.text import LANGUAGES, Language

if TYPE_CHECKING:
    from app.workflow.screen_file.examined import Examined

REFUSED = 2


@dataclass(frozen=True, slots=True)
class Places:
    """Where the results go, by the option that names them."""

    out: Path
    scores: Path | None
    campaigns: Path | None

    def by_option(self) -> Mapping[str, Path]:
        """Option → its file, for those that are asked for."""
        named = {"--out": self.out, "--scores": self.scores, "--campaigns": self.campaigns}
        return {option: path for option, path in named.items() if path is not None}


def add_commands(root: typer.Typer) -> None:
    """The act stands at the top: it needs no database."""
    root.command("screen")(screen)


Responses = Annotated[
    Path, typer.Option(help="CSV of the responses; docs/screening.md says how.")
]
Out = Annotated[Path, typer.Option(help="Where every response's influence is written.")]
ReferenceFile = Annotated[
    Path | None, typer.Option(help="CSV of a probability sample: point_id and the items.")
]
ScoresFile = Annotated[
    Path | None, typer.Option(help="Where every point's scores and bounds are written.")
]
CampaignsFile = Annotated[
    Path | None, typer.Option(help="Where the campaigns go with their evidence, as JSON.")
]
Items = Annotated[
    str | None, typer.Option(help="The items' columns: g1,g2,…; else what looks like one.")
]
Scales = Annotated[
    list[str] | None, typer.Option(help="Worst-best: 1-5, or of one item g1=0-10.")
]
NoOpinion = Annotated[
    str | None, typer.Option(help="Cells that are no answer, such as 9,不了解.")
]
Seed = Annotated[int, typer.Option(help="The same seed gives the same result.")]
SaidIn = Annotated[
    str | None, typer.Option(help="Of what is said: zh-Hans or en; else as LANG says.")
]


def screen(  # noqa: PLR0913 - one parameter is one option of the command
    responses: Responses,
    out: Out,
    reference: ReferenceFile = None,
    scores: ScoresFile = None,
    campaigns: CampaignsFile = None,
    items: Items = None,
    scale: Scales = None,
    no_opinion: NoOpinion = None,
    seed: Seed = 1,
    language: SaidIn = None,
) -> None:
    """How far each response is believed, and what may be said of every point's score.

    Identifiers are written as they were read. One that a spreadsheet would run (= + - @ …)
    gets an apostrophe in front in CSV files, and a notice says how many did.

    Where anything is wrong nothing is written: every problem is named, and the status is 2.
    """
    # numpy only where used
    from app.workflow.screen_file.examined import Sources, examine_files
    from app.workflow.screen_file.items import parse_wanted

    said_in, places = _language(language), Places(out, scores, campaigns)
    try:
        _refuse_no_place(places, [path for path in (responses, reference) if path])
        wanted = parse_wanted(items, scale or (), no_opinion)
        examined = examine_files(Sources(responses, reference, wanted), seed=seed)
        _write(places, examined, seed)
    except MinxinError as error:
        sys.stderr.write(f"{_said(error, said_in)}\n")
        raise typer.Exit(REFUSED) from None
    except OSError as error:
        where = error.filename or out
        sys.stderr.write(f"{where}: cannot be written ({error.strerror}). Name another file.\n")
        raise typer.Exit(REFUSED) from None
    for notice in examined.notices:
        sys.stderr.write(f"{notice[said_in]}\n")


def _write(places: Places, examined: "Examined", seed: int) -> None:
    from app.workflow.screen_file.tables import campaign_document, influence_table, score_table

    texts = {"--out": influence_table(examined)}
    if places.scores is not None:
        texts["--scores"] = score_table(examined)
    if places.campaigns is not None:
        document = campaign_document(examined, seed)
        text = json.dumps(document, ensure_ascii=False, indent=1, allow_nan=False)
        texts["--campaigns"] = text + "\n"
    for option, path in places.by_option().items():
        write_whole(path, texts[option])


def _refuse_no_place(places: Places, given: Sequence[Path]) -> None:
    """Say that results cannot be written there before anybody waits for them."""
    problems = []
    taken = {path.resolve(): "read" for path in given}
    for option, path in places.by_option().items():
        words = _no_place(path, taken)
        if words is not None:
            message, cure, chinese = words
            zh = f"{option}：{path} {chinese}"
            problems.append(Problem(option, message, cure, str(path), chinese=zh))
        taken[path.resolve()] = "written"
    if problems:
        raise InputRefused(problems)


def _no_place(path: Path, taken: Mapping[Path, str]) -> tuple[str, str, str] | None:
    """Why nothing can be written there: message, cure, and both in Chinese."""
    use = taken.get(path.resolve())
    if use == "read":
        return "is a file that is read", "Name another file.", "是读入的文件。请另取文件名。"
    if use == "written":
        words = "是另一项结果的文件。请另取文件名。"
        return "is named for another result too", "Name another file.", words
    if path.is_dir():
        return "is a folder", "Name a file in it.", "是文件夹。请写出其中的文件名。"
    if not path.parent.is_dir():
        words = "所在的文件夹不存在。请先建文件夹。"
        return "has no folder", "Make the folder first.", words
    return None


def _language(asked: str | None) -> Language:
    if asked in LANGUAGES:
        return asked
    if asked is not None:
        raise typer.BadParameter(f"{asked}: one of {', '.join(LANGUAGES)}")
    names = (os.environ.get(name, "") for name in ("LC_ALL", "LC_MESSAGES", "LANG"))
    said = next((name for name in names if name), "")
    return "zh-Hans" if said.lower().startswith("zh") else "en"


def _said(error: MinxinError, language: Language) -> str:
    if language == "zh-Hans" and isinstance(error, InputRefused):
        return error.in_chinese
    return str(error)
