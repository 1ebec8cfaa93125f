"""An installation with nothing in it, served, and people who come to work there by browser.

Everybody is taken on in the console. `Seat` is one person's browser: signed in, at a desk or
with a phone, and looked at by axe on every page that `look` is called for.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import timedelta
from urllib.parse import urlsplit

import pyotp
from playwright.sync_api import Page
from residents import Clock

from app.database.engine import Sessions, make_engine, make_sessions
from app.people.roles import Role
from app.settings import Settings
from app.web.application import create_app
from app.workflow.people.welcoming import welcome_first
from browser import DESK, Device, OpenPage, axe
from servers import Serve

PASSWORD = "seven quiet lamps on the river"
NEEDS_FACTOR = "设定第二重验证"
WIDER = "document.documentElement.scrollWidth - innerWidth"
ALL_OPEN = "document.querySelectorAll('details').forEach(d => d.open = true)"


@dataclass
class Installation:
    """A served installation: where it is, its clock, its database, its browsers."""

    url: str
    clock: Clock
    sessions: Sessions
    open_page: OpenPage
    secrets: dict[str, str] = field(default_factory=dict)
    """Login → what their authenticator was told."""
    looked_at: set[str] = field(default_factory=set)
    """Addresses on which axe found nothing wrong."""

    def seat(self, login: str = "", device: Device = DESK) -> "Seat":
        """A browser of somebody who is not signed in."""
        return Seat(self, login, self.open_page(device))

    def at_work(self, login: str, device: Device = DESK) -> "Seat":
        """Somebody who has worked here before, signed in."""
        seat = self.seat(login, device)
        seat.sign_in()
        return seat

    def later(self, **span: float) -> None:
        """Let time pass."""
        self.clock.now += timedelta(**span)


@dataclass
class Seat:
    """One person's browser."""

    place: Installation
    login: str
    page: Page

    def go(self, address: str) -> None:
        """Open an address by hand; a walk does so only to begin."""
        self.page.goto(self.place.url + address)

    def follow(self, words: str, *, within: str = "body") -> None:
        """Follow the link with these words."""
        self.page.locator(f"{within} a", has_text=words).first.click()

    def press(self, words: str, *, within: str = "main") -> None:
        """Press the button with these words."""
        self.page.locator(f"{within} button", has_text=words).first.click()

    def fill(self, **fields: str) -> None:
        """Write into fields; an underscore stands for a hyphen where no field has one."""
        for name, text in fields.items():
            self.page.fill(f"[id='{name.replace('__', '-')}']", text)

    def reads(self, *words: str) -> None:
        """The page says this."""
        text = self.page.inner_text("main")
        for one in words:
            assert one in text, f"{self.page.url}: {one!r} is not in:\n{text}"

    def looks(self, *words: str) -> None:
        """The page says this, as wide as the screen; the first of an address passes axe."""
        self.page.evaluate(ALL_OPEN)
        self.reads(*words)
        assert self.page.evaluate(WIDER) <= 0, self.page.url
        address = urlsplit(self.page.url).path
        if address not in self.place.looked_at:
            assert axe(self.page) == [], self.page.url
            self.place.looked_at.add(address)

    def choose_password(self, code: str, *, name: str = "") -> None:
        """Come in with a code; the first administrator also says who they are."""
        self.go("/console")
        self.follow("凭邀请码设定密码")
        self.fill(token=code)
        self.press("继续")
        if name:
            self.looks("您是第一位管理员")
            self.fill(login=self.login, name=name)
        self.fill(password=PASSWORD, repeated=PASSWORD)
        self.press("设定密码")
        self.looks("登录")
        self.sign_in()

    def sign_in(self) -> None:
        """Sign in, with the second factor where it is asked for."""
        self.go("/console/sign-in")
        self.fill(login=self.login, password=PASSWORD)
        self.press("登录")
        if self.page.url.partition("?")[0].endswith("/second-factor"):
            self._show_factor()
        self.reads("今天")

    def _show_factor(self) -> None:
        secrets = self.place.secrets
        is_new = NEEDS_FACTOR in self.page.inner_text("h1")
        if is_new:
            self.looks("请用手机上的验证器应用扫这个码")
            secrets[self.login] = self.page.inner_text("main p code").replace(" ", "")
        self.place.later(seconds=30)  # a number is good for one visit only
        self.fill(code=pyotp.TOTP(secrets[self.login]).at(self.place.clock.now))
        self.press("继续")
        if is_new:
            self.looks("请收好这十个备用码")
            self.follow("收好了，进入工作台")


@contextmanager
def installed(database: str, serve: Serve, open_page: OpenPage) -> Iterator[Installation]:
    """The product over a database, served behind one proxy."""
    clock, engine = Clock(), make_engine(database)
    settings = Settings(database_url=database, proxy_hops=1)
    url = serve(create_app(settings, clock=clock)).url
    yield Installation(url, clock, make_sessions(engine), open_page)
    engine.dispose()


def first_administrator(place: Installation) -> Seat:
    """The first person, come in with the code that the terminal printed."""
    with place.sessions.begin() as session:
        code = welcome_first(session, now=place.clock.now)
    seat = place.seat("wang")
    seat.choose_password(code, name="王主任")
    return seat


@dataclass(frozen=True, slots=True)
class Position:
    """Whom an administrator takes on, and for what."""

    login: str
    name: str
    roles: tuple[Role, ...]
    office: str = "本级组织部门"


def take_on(chief: Seat, position: Position) -> Seat:
    """Somebody new: taken on in the console, with their roles, come in with their code."""
    chief.go("/console")
    chief.follow("人员", within="nav")
    chief.fill(login=position.login, name=position.name)
    chief.page.select_option("#office", label=position.office)
    chief.press("增加，并给邀请码")
    chief.looks(f"给{position.name}的邀请码")
    code = chief.page.inner_text("main code")
    chief.follow("给角色")
    for role in position.roles:
        chief.page.select_option("#role", value=role.value)
        chief.page.select_option("main form #office", label="本级组织部门")
        chief.press("给这个角色")
    seat = chief.place.seat(position.login)
    seat.choose_password(code)
    return seat


def add_office(chief: Seat, code: str, name: str) -> None:
    """An office under the first one, drawn in the console."""
    chief.go("/console")
    chief.follow("人员", within="nav")
    chief.follow("单位和上下级")
    chief.page.fill("[id='name-zh-Hans']", name)
    chief.page.fill("[id='name-en']", code.capitalize())
    chief.fill(code=code)
    chief.press("增加", within="main .form")
    chief.looks(name)
