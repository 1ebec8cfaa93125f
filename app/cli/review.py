"""Commands of review: list campaigns, look at one, decide, confirm, take back, compare."""

import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from typing import Annotated, cast

import typer

from app.anomaly.decisions import Verdict
from app.cli.language import spoken
from app.cli.review_outcomes import ground_lines, outcome_lines, rate_lines
from app.cli.review_words import answer_lines, campaign_lines, entry_lines
from app.database.engine import open_database
from app.database.rounds import find_round
from app.database.snapshots import snapshot
from app.errors import MinxinError
from app.settings import Settings
from app.survey.text import Language
from app.workflow.review.deciding import Judgement, Outcome, Ruling, confirm, decide, revoke
from app.workflow.review.impartiality import Reviewer
from app.workflow.review.viewing import (
    list_entries,
    review_rates,
    show_campaign,
    view_responses,
)

application = typer.Typer(
    help="Decide about groups of responses that were flagged together.", no_args_is_help=True
)
RoundCode = Annotated[str, typer.Argument(help="The round's code.")]
CampaignCode = Annotated[
    str, typer.Argument(help="The campaign's code, or a beginning that only it has.")
]
Number = Annotated[int, typer.Argument(help="The decision's number.")]
Author = Annotated[str, typer.Option(help="Who looks or decides.")]
Office = Annotated[str, typer.Option(help="The office they do it for.")]
Note = Annotated[str, typer.Option(help="What it rests on, in words; kept for ever.")]
Spoken = Annotated[
    str | None, typer.Option("--language", help="zh-Hans or en; else as LANG says.")
]


@application.command("list")
def list_(
    round_code: RoundCode, author: Author, office: Office, language: Spoken = None
) -> None:
    """Every campaign of a round, as far as this person may see it; recorded."""
    said_in, reviewer = spoken(language), Reviewer(author, office)
    with _refusing(said_in), open_database(Settings().database_url).begin() as session:
        row = find_round(session, round_code)
        entries = list_entries(session, row, reviewer, now=_now())
    _say(entry_lines(entries, said_in))


@application.command("show")
def show(
    round_code: RoundCode,
    campaign: CampaignCode,
    author: Author,
    office: Office,
    language: Spoken = None,
) -> None:
    """One campaign: without its direction until this person has judged it, then the whole."""
    said_in, reviewer = spoken(language), Reviewer(author, office)
    with _refusing(said_in), open_database(Settings().database_url).begin() as session:
        row = find_round(session, round_code)
        shown = show_campaign(session, row, reviewer, campaign, now=_now())
        lines = campaign_lines(shown, round_code, said_in)
    _say(lines)


@application.command("answers")
def answers(
    round_code: RoundCode,
    campaign: CampaignCode,
    author: Author,
    office: Office,
    language: Spoken = None,
) -> None:
    """The answers of a campaign that this person has judged; who saw them is recorded."""
    said_in, reviewer = spoken(language), Reviewer(author, office)
    with _refusing(said_in), open_database(Settings().database_url).begin() as session:
        row = find_round(session, round_code)
        seen = view_responses(session, row, reviewer, campaign, now=_now())
    _say(answer_lines(seen, said_in))


@application.command("grounds")
def grounds(language: Spoken = None) -> None:
    """The reasons a decision may rest on, each with the innocent explanation beside it."""
    _say(ground_lines(spoken(language)))


@application.command("decide")
def decide_(  # noqa: PLR0913 - one parameter is one option of the command
    round_code: RoundCode,
    campaign: CampaignCode,
    verdict: Annotated[str, typer.Option(help="keep, down_weight, exclude or audit.")],
    reason: Annotated[str, typer.Option(help="A code; see: minxin review grounds")],
    note: Note,
    author: Author,
    office: Office,
    language: Spoken = None,
) -> None:
    """Decide about a campaign; a person's first decision about it is made blind."""
    judgement = Judgement(campaign, cast(Verdict, verdict), reason, note)
    said_in, reviewer = spoken(language), Reviewer(author, office)
    with _refusing(said_in), open_database(Settings().database_url).begin() as session:
        row = find_round(session, round_code)
        outcome = decide(session, row, reviewer, judgement, now=_now())
    _say(outcome_lines(outcome, round_code, said_in))


@application.command("confirm")
def confirm_(  # noqa: PLR0913 - one parameter is one option of the command
    round_code: RoundCode,
    number: Number,
    note: Note,
    author: Author,
    office: Office,
    language: Spoken = None,
) -> None:
    """Confirm a decision as a second person, from another office."""
    _rule(
        confirm,
        round_code,
        Ruling(number, note),
        Reviewer(author, office),
        spoken(language),
    )


@application.command("revoke")
def revoke_(  # noqa: PLR0913 - one parameter is one option of the command
    round_code: RoundCode,
    number: Number,
    note: Note,
    author: Author,
    office: Office,
    language: Spoken = None,
) -> None:
    """Take back a decision or a confirmation; the row stays, and so does this one."""
    _rule(
        revoke,
        round_code,
        Ruling(number, note),
        Reviewer(author, office),
        spoken(language),
    )


@application.command("rates")
def rates(round_code: RoundCode, language: Spoken = None) -> None:
    """What became of campaigns that raise a score and of those that lower one."""
    with snapshot(open_database(Settings().database_url)) as session:
        found = review_rates(session, find_round(session, round_code))
    _say(rate_lines(found, spoken(language)))


def _rule(
    act: Callable[..., Outcome],
    round_code: str,
    ruling: Ruling,
    reviewer: Reviewer,
    said_in: Language,
) -> None:
    with _refusing(said_in), open_database(Settings().database_url).begin() as session:
        outcome = act(session, find_round(session, round_code), reviewer, ruling, now=_now())
    _say(outcome_lines(outcome, round_code, said_in))


@contextmanager
def _refusing(language: Language) -> Iterator[None]:
    """Say why not in the language of the command."""
    try:
        yield
    except MinxinError as error:
        if language != "zh-Hans":
            raise
        sys.stderr.write(f"{error.in_chinese}\n")
        raise typer.Exit(1) from None


def _say(lines: list[str]) -> None:
    for line in lines:
        typer.echo(line)


def _now() -> datetime:
    return datetime.now(UTC)
