"""A text in the languages of the product, and the values that carry one.

Chinese comes first; English is complete. A definition writes both or is refused.
"""

from typing import Literal

from pydantic import Field

from app.survey.reading import Definition

Language = Literal["zh-Hans", "en"]
LANGUAGES: tuple[Language, ...] = ("zh-Hans", "en")


class Text(Definition):
    """The same words in every language of the product."""

    zh: str = Field(alias="zh-Hans", min_length=1)
    en: str = Field(min_length=1)

    def __getitem__(self, language: Language) -> str:
        return self.zh if language == "zh-Hans" else self.en
