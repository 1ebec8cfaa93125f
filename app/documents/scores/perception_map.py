"""The map of what is counted against what is felt: one for each pair that a system names."""

from collections.abc import Iterator, Mapping
from typing import Any

from app.documents.charts.quadrant_map import MapPoint, Measure, QuadrantMap
from app.documents.wording import translator
from app.survey.assessment import AssessmentPlan
from app.survey.text import Language


def perception_maps(
    document: Mapping[str, Any], plan: AssessmentPlan, language: Language
) -> Iterator[tuple[str, QuadrantMap]]:
    """Name of a pair → its map; both measures in standard deviations of their kind."""
    _ = translator(language)
    names = {one["code"]: one["name"] for one in document["system"]["perception_gaps"]}
    units = {unit.code: unit.name[language] for unit in plan.units}
    for pair in document["analysis"]["perception"]:
        name = names[pair["pair"]][language]
        points = tuple(
            MapPoint(
                units.get(one["unit"], one["unit"]),
                one["z_objective"],
                one["z_subjective"],
                note=_("落差在抽样误差内") if one["within_survey_error"] else "",
            )
            for one in pair["units"]
            if one["z_objective"] is not None and one["z_subjective"] is not None
        )
        if points:
            yield name, _map(name, points, language)


def _map(name: str, points: tuple[MapPoint, ...], language: Language) -> QuadrantMap:
    _ = translator(language)
    usual = _("同类平均")
    return QuadrantMap(
        points,
        across=Measure(_("客观指标（标准差）"), 0.0, usual, 2),
        upwards=Measure(_("群众评价（标准差）"), 0.0, usual, 2),
        fields=(_("做得好，评价也好"), _("评价好于客观"), _("两样都低"), _("评价低于客观")),
        sentence=_("{name}：客观指标与群众评价").format(name=name),
        concern="lower_right",
    )
