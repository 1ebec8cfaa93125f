"""Making documents: from what was read to the bytes of files, kind by kind.

Loaded by the worker alone: it prints charts and fills in Word files.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from sqlalchemy.orm import Session

from app.database.console_tables import JobRow
from app.database.jobs import MadeFile
from app.documents.paper_workbooks import PaperSheet, paper_xlsx
from app.documents.printing.fonts import FontSet
from app.documents.printing.verification import count_pages
from app.documents.reports.closing_chapters import Origin
from app.documents.reports.report import Edition, report_of
from app.documents.reports.report_docx import report_docx
from app.documents.reports.report_pdf import report_pdf
from app.documents.results.result import Result, read_result
from app.documents.results.tables import workbook_sheets
from app.documents.scores.composites import read_composite
from app.documents.scores.ranking_tables import ranking_sheets, shortfall_sheets
from app.documents.scores.score_tables import scores_table, values_table
from app.documents.word.standard_template import standard_template
from app.documents.wording import BEIJING, translator
from app.documents.workbooks import results_xlsx
from app.survey.assessment import AssessmentPlan
from app.survey.text import Language
from app.workflow.jobs.materials import Order, RunMaterial, read_order, read_run, read_scores
from app.workflow.jobs.templates import content_of
from app.workflow.publication import public_view

Progress = Callable[[int], None]
"""Told how many hundredths of the work are done."""
PDF = "application/pdf"
DOCX = "application/vnd.openxmlformats-officedocument.wordprocessingml.document"
XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"


@dataclass(frozen=True, slots=True)
class Workshop:
    """What documents are made with."""

    fonts: FontSet


Making = Callable[[Workshop, Progress], list[MadeFile]]
Sheets = Callable[[Mapping[str, Any], AssessmentPlan, Language], tuple[PaperSheet, ...]]


def prepare(session: Session, row: JobRow) -> Making:
    """Read all that a job needs; what is given back makes its files without the database."""
    return PREPARATIONS[row.kind](session, row)


def _report_pdf(session: Session, row: JobRow) -> Making:
    order, material = read_order(row), read_run(session, row)

    def make(workshop: Workshop, say: Progress) -> list[MadeFile]:
        report = report_of(_public(order, material), _edition(order, material))
        say(30)
        content = report_pdf(report, fonts=workshop.fonts)
        return [MadeFile(f"{order.stem}.pdf", PDF, content, count_pages(content))]

    return make


def _report_docx(session: Session, row: JobRow) -> Making:
    order, material = read_order(row), read_run(session, row)
    number = row.order.get("template")
    template = standard_template() if number is None else content_of(session, number)

    def make(workshop: Workshop, say: Progress) -> list[MadeFile]:
        report = report_of(_public(order, material), _edition(order, material))
        say(30)
        content = report_docx(report, template, fonts=workshop.fonts)
        paragraphs = sum(len(chapter.blocks) for chapter in report.chapters)
        return [MadeFile(f"{order.stem}.docx", DOCX, content, paragraphs)]

    return make


def _run_workbook(session: Session, row: JobRow) -> Making:
    order, material = read_order(row), read_run(session, row)

    def make(workshop: Workshop, say: Progress) -> list[MadeFile]:
        # Of groups of responses no more than the public may know, as on the pages.
        screening = public_view(material.document)["screening"]
        result = read_result({**material.document, "screening": screening}, order.language)
        say(40)
        sheets = workbook_sheets(result, read_composite(result.document, result.naming))
        say(60)
        rows = sum(len(sheet.rows) for sheet in sheets)
        return [MadeFile(f"{order.stem}.xlsx", XLSX, results_xlsx(sheets), rows)]

    return make


def _paper(sheets_of: Sheets) -> Callable[[Session, JobRow], Making]:
    """How a workbook to be printed is made of a scoring; its first sheet counts."""

    def read(session: Session, row: JobRow) -> Making:
        order, material = read_order(row), read_scores(session, row)

        def make(workshop: Workshop, say: Progress) -> list[MadeFile]:
            sheets = sheets_of(material.document, material.plan, order.language)
            say(50)
            rows = len(sheets[0].table.rows)
            return [MadeFile(f"{order.stem}.xlsx", XLSX, paper_xlsx(sheets), rows)]

        return make

    return read


def _scores_workbook(session: Session, row: JobRow) -> Making:
    order, material = read_order(row), read_scores(session, row)

    def make(workshop: Workshop, say: Progress) -> list[MadeFile]:
        sheets = [
            scores_table(material.document, order.language),
            values_table(material.document, order.language),
        ]
        rows = sum(len(sheet.rows) for sheet in sheets)
        return [MadeFile(f"{order.stem}.xlsx", XLSX, results_xlsx(sheets), rows)]

    return make


def _public(order: Order, material: RunMaterial) -> Result:
    return read_result(public_view(material.document), order.language)


def _edition(order: Order, material: RunMaterial) -> Edition:
    _, run = translator(order.language), material.document["run"]
    digests = {
        _("结果 SHA-256"): material.document_digest,
        _("方案 SHA-256"): run["plan_digest"],
        _("问卷 SHA-256"): material.survey_digest,
        _("数据 SHA-256"): run["data_digest"],
    }
    day = order.asked_at.astimezone(BEIJING).date()
    return Edition(Origin(material.run, digests), day, material.is_public)


PREPARATIONS: Mapping[str, Callable[[Session, JobRow], Making]] = {
    "report_pdf": _report_pdf,
    "report_docx": _report_docx,
    "run_workbook": _run_workbook,
    "ranking": _paper(ranking_sheets),
    "shortfalls": _paper(shortfall_sheets),
    "scores_workbook": _scores_workbook,
}
