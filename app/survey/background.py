"""What is known of a person beside the answers that are scored: names and levels in words.

A background variable is a single-choice item that is not scored, or a background column of
the import whose values have words.
"""

from collections.abc import Mapping

from app.survey.definition import Survey
from app.survey.text import Text


def background_levels(survey: Survey, variable: str) -> Mapping[str, Text]:
    """Level as it stands in the sample → its words; empty for no background variable.

    "Would rather not say" is no level.
    """
    item = survey.items.get(variable)
    if item is not None:
        scale = survey.scale_of(item)
        if item.kind != "single" or scale.score_map is not None:
            return {}
        return {str(option.code): option.label for option in scale.options}
    columns = survey.import_.columns if survey.import_ else ()
    labels = [c.labels for c in columns if (c.column, c.role) == (variable, "background")]
    return labels[0] if labels else {}


def background_name(survey: Survey, variable: str) -> Text:
    """What the variable is called; its own code where nobody named it."""
    item = survey.items.get(variable)
    if item is not None:
        return item.text
    columns = survey.import_.columns if survey.import_ else ()
    names = [column.name for column in columns if column.column == variable and column.name]
    return names[0] if names else Text(zh=variable, en=variable)
