"""Which items apply, given the answers so far: routing looks back only."""

from collections.abc import Mapping

from app.survey.definition import Item, Survey


def applies(item: Item, codes: Mapping[str, object]) -> bool:
    """Whether `item` is asked of somebody who gave `codes` (item → stored answer)."""
    return item.ask_if is None or codes.get(item.ask_if.item) in item.ask_if.is_in


def asked_items(survey: Survey, codes: Mapping[str, object]) -> tuple[Item, ...]:
    """The items asked of somebody who gave `codes`, in order.

    An answer to an item that was itself not asked opens nothing further.
    """
    asked: list[Item] = []
    given: dict[str, object] = {}
    for item in survey.items.values():
        if applies(item, given):
            asked.append(item)
            if item.code in codes:
                given[item.code] = codes[item.code]
    return tuple(asked)
