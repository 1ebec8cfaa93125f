"""A named place to print for: Qingshan county, its service hall and its windows."""

from dataclasses import replace
from datetime import date

import pytest

from app.documents.printing.fonts import find_fonts
from app.documents.printing.placards import Placard
from app.survey.codes import new_code
from app.survey.text import Text


@pytest.fixture(scope="session")
def fonts():
    return find_fonts()


@pytest.fixture
def placard():
    """Make the placard of window `number`; keyword arguments change single words."""

    def make(number: int = 3, **changes: object) -> Placard:
        code = new_code((number * 7919 * 104729 * 15485863).to_bytes(8)[-5:])
        usual = Placard(
            url=f"https://q.qingshan.gov.cn/{code}",
            code=code,
            point_name=Text(
                zh=f"青山县政务服务中心 {number} 号窗口",
                en=f"Qingshan Service Hall, Window {number}",
            ),
            place=Text(zh="人民路 1 号一楼大厅", en="1 Renmin Road, ground floor"),
            purpose=Text(zh="请您评一评今天的办事体验", en="Tell us how your visit went"),
            organiser=Text(zh="青山县委组织部", en="Organization Department of Qingshan"),
            hotline="12345",
            minutes=2,
            version="2026-4",
            date=date(2026, 11, 22),
        )
        return replace(usual, **changes)

    return make
