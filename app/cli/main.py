"""The command `minxin`: every act of an operator, one command each.

Output is for people. A refusal is one message, the same sentence as on the web, and exit
status 1; nothing was changed.
"""

import sys

import typer

from app.cli import (
    alarms,
    answers,
    assessments,
    attack_trials,
    audit,
    canaries,
    doctor,
    estimate,
    keeping,
    people,
    results,
    review,
    rights,
    rounds,
    score,
    score_packages,
    screen,
    serving,
    sizing,
    status,
)
from app.cli.language import spoken
from app.cli.refusals import in_language
from app.database.engine import NO_ANSWER
from app.errors import MinxinError

application = typer.Typer(
    name="minxin",
    help="民心尺 Minxin: public feedback and satisfaction surveys.",
    no_args_is_help=True,
    pretty_exceptions_enable=False,
)
application.add_typer(rounds.application, name="round")
application.add_typer(assessments.application, name="assessment")
application.add_typer(review.application, name="review")
application.add_typer(people.application, name="people")
application.add_typer(rights.samples, name="sample")
application.add_typer(rights.tickets, name="ticket")
application.add_typer(canaries.application, name="canary")
application.add_typer(audit.application, name="audit")
rounds.add_commands(application)
status.add_commands(rounds.application)
sizing.add_commands(rights.samples)
results.add_commands(application)
answers.add_commands(application)
estimate.add_commands(application)
score.add_commands(application)
score_packages.add_commands(application)
screen.add_commands(application)
attack_trials.add_commands(application)
serving.add_commands(application)
alarms.add_commands(application)
keeping.add_commands(application)
doctor.add_commands(application)


def run() -> None:
    """Run the command line; a refusal ends with its message and status 1."""
    try:
        application()
    except MinxinError as error:
        sys.stderr.write(f"{in_language(error, spoken(None))}\n")
        sys.exit(1)
    except NO_ANSWER:
        # Its own message quotes statements and may quote answers.
        sys.stderr.write("The database did not answer; nothing was changed. Try again.\n")
        sys.exit(1)
