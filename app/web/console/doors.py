"""The console as one thing to hang into the application."""

from fastapi import FastAPI, Request, Response
from fastapi.responses import RedirectResponse

from app.web.console import (
    account,
    acts,
    alarms,
    answer_files,
    approvals,
    audit,
    campaigns,
    codes,
    fieldwork,
    jobs,
    open_answers,
    overview,
    people,
    previews,
    publishing,
    report_templates,
    round_list,
    rounds,
    rulings,
    runs,
    samples,
    second_factor,
    sign_in,
    single_sign_on,
    welcome,
)
from app.web.console.access import SecondFactorNeeded, SignInNeeded
from app.web.console.assessments import events, scenarios, scorings, values
from app.web.console.assessments import overview as assessment
from app.web.console.assessments import shelf as assessments
from app.web.console.pages import link_query
from app.web.console.planning import begin, check, listing, steps
from app.web.console.questionnaires import (
    beginning,
    cover,
    editor,
    finishing,
    following,
    items,
    preview,
    scales,
    shelf,
)
from app.web.console.systems.room import ROUTERS as SYSTEMS
from app.web.dependencies import chosen_language

ROUNDS = (
    begin,
    check,
    listing,
    steps,
    round_list,
    fieldwork,
    codes,
    samples,
    answer_files,
    report_templates,
    jobs,
)
PEOPLE_AND_RUNS = (
    sign_in,
    second_factor,
    single_sign_on,
    account,
    people,
    welcome,
    overview,
    previews,
    publishing,
    rounds,
    acts,
    runs,
    alarms,
    approvals,
    audit,
    rulings,
    campaigns,
    open_answers,
)
QUESTIONNAIRES = (
    shelf,
    beginning,
    editor,
    items,
    scales,
    cover,
    preview,
    finishing,
    following,
)


def add_console(application: FastAPI) -> None:
    """Add the pages of the console; whoever is not signed in is led to the sign-in.

    Of two addresses that fit, the one that comes first is meant.
    """
    for module in (*ROUNDS, *PEOPLE_AND_RUNS, *QUESTIONNAIRES):
        application.include_router(module.router)
    for router in SYSTEMS:
        application.include_router(router)
    for module in (assessments, assessment, values, events, scorings, scenarios):
        application.include_router(module.router)
    application.add_exception_handler(SignInNeeded, _lead_to_sign_in)
    application.add_exception_handler(SecondFactorNeeded, _lead_to_second_factor)


def _lead_to_sign_in(request: Request, error: Exception) -> Response:
    query = link_query(chosen_language(request))
    return RedirectResponse(f"/console/sign-in{query}", status_code=303)


def _lead_to_second_factor(request: Request, error: Exception) -> Response:
    query = link_query(chosen_language(request))
    return RedirectResponse(f"/console/second-factor{query}", status_code=303)
