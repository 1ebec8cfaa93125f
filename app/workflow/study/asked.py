"""What is wrong with a study before anything is computed: its names and its requests."""

from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import replace

from app.errors import CannotEstimate, Problem
from app.workflow.study.definition import Request, Study, listed
from app.workflow.study.files import Files
from app.workflow.study.interval_rows import INTERVALS, METHODS, RULES
from app.workflow.study.references import unknown_names

SHOWN = 3
NEEDED = {
    "mean": ("y",),
    "total": ("y",),
    "variance": ("y",),
    "proportion": ("y", "values"),
    "ratio": ("num", "den"),
    "difference": ("y", "pairs"),
    "difference_total": ("y", "pairs"),
    "contrast": ("y", "terms"),
    "proportion_ci": ("y", "values", "methods"),
    "quantile": ("y", "p"),
    "alpha": ("items",),
}
MEANING = {
    "y": "the column or columns asked for",
    "values": "the answers that count",
    "num": "the column above the line",
    "den": "the column below the line",
    "pairs": "the domains `a` and `b` to compare",
    "terms": "domains with their coefficients",
    "methods": f"one or more of {', '.join(METHODS)}",
    "p": "one or more shares from 0 to 1",
    "items": "the columns of the scale",
}
OF_ONE_COLUMN = ("difference", "difference_total", "contrast", "proportion", "proportion_ci")


def wrong_by_itself(study: Study, files: Files) -> list[Problem]:
    """Files and columns that are not there, and requests that cannot be answered."""
    wrong = unknown_names(study, files)
    times = Counter(request.id for request in study.estimates)
    cure, source = "Give each request its own.", files.source
    for request in study.estimates:
        place = f"estimates.{request.id}"
        if times[request.id] > 1:
            wrong.append(Problem(place, "is the id of two requests", cure, source=source))
        wrong += [
            Problem(place, said.removesuffix("."), source=source) for said in faults(request)
        ]
    return wrong


def without_wrong_requests(study: Study, wrong: Iterable[Problem]) -> Study:
    """The study with the requests and tables alone that nothing is wrong with."""
    places = [problem.place for problem in wrong]

    def is_sound(place: str) -> bool:
        return not any(one == place or one.startswith(f"{place}.") for one in places)

    estimates = tuple(one for one in study.estimates if is_sound(f"estimates.{one.id}"))
    tables = tuple(one for one in study.tables if is_sound(f"tables.{one.id}"))
    return study.model_copy(update={"estimates": estimates, "tables": tables})


def gathered(problems: Iterable[Problem]) -> list[Problem]:
    """The problems, those that say the same of several places as one."""
    alike: dict[Problem, list[str]] = {}
    for problem in problems:
        alike.setdefault(replace(problem, place=""), []).append(problem.place)
    return [
        replace(said, place=_together(list(dict.fromkeys(places))))
        for said, places in alike.items()
    ]


def _together(places: Sequence[str]) -> str:
    shown = ", ".join(places[:SHOWN])
    more = len(places) - SHOWN
    return f"{shown} and {more} more" if more > 0 else shown


def require_sense(request: Request) -> None:
    """CannotEstimate with everything that is wrong with a request by itself."""
    wrong = list(faults(request))
    if wrong:
        raise CannotEstimate("\n".join(wrong))


def faults(request: Request) -> Iterator[str]:
    """A sentence with its cure for each thing absent, unknown or out of range."""
    for key in NEEDED[request.estimand]:
        if getattr(request, key) in (None, (), ""):
            yield f"`{request.estimand}` needs `{key}`, {MEANING[key]}."
    if request.estimand in OF_ONE_COLUMN and len(request.columns) > 1:
        yield f"`{request.estimand}` needs `y`, one column. Make a request of each."
    yield from _unknown("methods", request.methods, METHODS)
    yield from _unknown("qrule", listed(request.qrule), RULES)
    yield from _unknown("interval", listed(request.interval), INTERVALS)
    shares = request.p if isinstance(request.p, tuple) else (request.p,)
    wrong = [f"{share:g}" for share in shares if not 0 <= share <= 1]
    if wrong:
        yield f"`p` must be shares from 0 to 1, not {', '.join(wrong)}. Write 0.5 for half."
    low, high = request.scale_min, request.scale_max
    if low is not None and high is not None and not low < high:
        yield f"`scale_min` {low:g} is not below `scale_max` {high:g}. Exchange them."


def _unknown(key: str, given: Sequence[str], known: Sequence[str]) -> Iterator[str]:
    unknown = [one for one in given if one not in known]
    if unknown:
        yield (
            f"`{key}` {', '.join(unknown)} is not known here. Choose among {', '.join(known)}."
        )
