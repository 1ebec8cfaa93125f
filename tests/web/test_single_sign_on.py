"""Signing in through a provider of identities on loopback, and what is not believed."""

import pytest
from joserfc.jwk import RSAKey
from sqlalchemy import select
from starlette.testclient import TestClient

from app.database.console_tables import IdentityRow, PersonRow, VisitRow
from app.database.engine import open_database
from app.database.tables import AuditEventRow
from app.errors import MinxinError
from app.people.roles import Role
from app.settings import Settings
from app.web.application import create_app
from colleagues import add_colleague, sign_in
from local_provider import CLIENT, SECRET, local_provider
from world import NOW

ACCOUNT = "/console/account"


@pytest.fixture
def provider():
    with local_provider(int(NOW.timestamp())) as found:
        yield found


@pytest.fixture
def sessions(sqlite_url):
    sessions = open_database(sqlite_url)
    with sessions.begin() as session:
        add_colleague(session, "li.min", Role.ROUND_OPERATOR)
        add_colleague(session, "zhao.fang", Role.EVALUATOR)
    return sessions


@pytest.fixture
def client(sqlite_url, sessions, provider):
    settings = Settings(
        database_url=sqlite_url,
        oidc_issuer=provider.address,
        oidc_client_id=CLIENT,
        oidc_client_secret=SECRET,
        oidc_name="市统一认证",
    )
    with TestClient(create_app(settings, clock=lambda: NOW), follow_redirects=False) as found:
        yield found


def go(client, provider, start="/console/single-sign-on", **bent):
    """All the way to the provider and back."""
    away = client.get(start)
    assert away.status_code == 303, away.text
    assert away.headers["location"].startswith(f"{provider.address}/authorize?")
    back = provider.consent(away.headers["location"]) | bent
    page = client.get("/console/single-sign-on/return", params=back)
    assert page.status_code == 200
    return client.post("/console/single-sign-on/completion", data=back)


def link(client, provider, login="li.min"):
    sign_in(client, login)
    done = go(client, provider, f"{ACCOUNT}/identities/new")
    assert (done.status_code, done.headers["location"]) == (303, ACCOUNT)
    sign_out(client)


def sign_out(client):
    client.cookies.clear()


def kept(sessions, row):
    with sessions() as session:
        return session.scalars(select(row)).all()


def test_whoever_linked_an_identity_comes_in_with_it(client, provider, sessions):
    assert "用市统一认证登录" in client.get("/console/sign-in").text
    link(client, provider)
    done = go(client, provider)
    assert (done.status_code, done.headers["location"]) == (303, "/console")
    assert "li.min" in client.get(ACCOUNT).text.lower()
    assert {one.factor for one in kept(sessions, VisitRow)} == {"password", "oidc"}
    acts = [one.act for one in kept(sessions, AuditEventRow)]
    assert "link identity" in acts
    assert "kept by nobody" not in str([vars(one) for one in kept(sessions, IdentityRow)])


def test_an_identity_that_nobody_linked_opens_nothing(client, provider, sessions):
    done = go(client, provider)
    assert done.status_code == 403
    assert "还没有关联账号" in done.text
    assert kept(sessions, VisitRow) == []
    assert len(kept(sessions, PersonRow)) == 2, "nobody gets an account by it"


def test_a_deactivated_person_reads_the_same_as_an_unknown_one(client, provider, sessions):
    unknown = go(client, provider).text
    link(client, provider)
    with sessions.begin() as session:
        person = session.scalars(select(PersonRow).where(PersonRow.login == "li.min")).one()
        person.active = False
    assert go(client, provider).text == unknown


def test_an_own_second_factor_is_asked_for_as_after_a_password(client, provider, sessions):
    link(client, provider)
    with sessions.begin() as session:
        person = session.scalars(select(PersonRow).where(PersonRow.login == "li.min")).one()
        person.needs_second_factor = True
    done = go(client, provider)
    assert done.headers["location"] == "/console/second-factor"
    assert client.get("/console/rounds").headers["location"] == "/console/second-factor"


@pytest.mark.parametrize(
    "claims",
    [
        {"nonce": "another"}, {"nonce": None}, {"aud": "somebody-else"}, {"iss": "https://x.test"},
        {"exp": int(NOW.timestamp()) - 600}, {"sub": None}, {"iat": None},
        {"aud": [CLIENT, "other"], "azp": "other"},
    ],
    ids=str,
)  # fmt: skip
def test_a_token_that_was_not_made_for_this_attempt_is_not_believed(
    client, provider, sessions, claims
):
    link(client, provider)
    provider.claims = claims
    done = go(client, provider)
    assert done.status_code == 502
    assert "核对不上" in done.text
    assert len(kept(sessions, VisitRow)) == 1


def test_a_token_of_another_key_is_not_believed(client, provider, sessions):
    link(client, provider)
    provider.forged_by = RSAKey.generate_key(2048, {"kid": "one"})
    assert go(client, provider).status_code == 502
    assert len(kept(sessions, VisitRow)) == 1


@pytest.mark.parametrize("header", ["eyJhbGciOiJub25lIn0", "eyJhbGciOiJIUzI1NiJ9"])
def test_a_token_without_a_proper_signature_is_not_believed(
    client, provider, sessions, header, monkeypatch
):
    link(client, provider)
    sound = provider.token_for
    provider.token_for = lambda wanted: header + "." + sound(wanted).split(".")[1] + "."
    assert go(client, provider).status_code == 502
    assert len(kept(sessions, VisitRow)) == 1


def test_keys_may_change(client, provider):
    link(client, provider)
    provider.key = RSAKey.generate_key(2048, {"kid": "two"})
    assert go(client, provider).headers["location"] == "/console"


def test_an_attempt_of_another_browser_is_refused(client, provider):
    link(client, provider)
    assert go(client, provider, state="another").status_code == 403
    back = provider.consent(client.get("/console/single-sign-on").headers["location"])
    client.cookies.clear()
    assert client.post("/console/single-sign-on/completion", data=back).status_code == 403


def test_an_attempt_works_once(client, provider):
    link(client, provider)
    back = provider.consent(client.get("/console/single-sign-on").headers["location"])
    assert client.post("/console/single-sign-on/completion", data=back).status_code == 303
    assert client.post("/console/single-sign-on/completion", data=back).status_code == 403


def test_a_provider_that_is_away_leaves_the_password(client, provider, sqlite_url):
    provider.reply = lambda path, body: None
    away = client.get("/console/single-sign-on")
    assert away.status_code == 502
    assert "没有回应" in away.text
    assert 'name="password"' in away.text


def test_a_provider_that_says_too_much_or_no_http_is_away(client, provider):
    provider.reply = lambda path, body: {"issuer": "x" * 1_100_000}
    assert "没有回应" in client.get("/console/single-sign-on").text


def test_a_failed_attempt_is_over(client, provider):
    back = provider.consent(client.get("/console/single-sign-on").headers["location"])
    provider.codes.clear()
    assert client.post("/console/single-sign-on/completion", data=back).status_code == 502
    assert "minxin_attempt" not in client.cookies


def test_who_said_no_is_led_back(client):
    said = client.get("/console/single-sign-on/return", params={"error": "access_denied"})
    assert said.status_code == 403
    assert "/console/sign-in" in said.text


def test_an_identity_has_one_account_and_is_unlinked_by_its_owner(client, provider, sessions):
    link(client, provider)
    sign_in(client, "zhao.fang")
    assert go(client, provider, f"{ACCOUNT}/identities/new").status_code == 409
    number = kept(sessions, IdentityRow)[0].id
    token = client.get(ACCOUNT).text.partition('name="token" value="')[2].partition('"')[0]
    address = f"{ACCOUNT}/identities/{number}/removal"
    assert client.post(address, data={"token": token}).status_code == 404
    sign_out(client)
    sign_in(client, "li.min")
    token = client.get(ACCOUNT).text.partition('name="token" value="')[2].partition('"')[0]
    assert client.post(address, data={"token": token}).status_code == 303
    assert kept(sessions, IdentityRow) == []


def test_linking_is_finished_by_the_visit_that_began_it(client, provider, sessions):
    sign_in(client, "li.min")
    back = provider.consent(client.get(f"{ACCOUNT}/identities/new").headers["location"])
    attempt = client.cookies["minxin_attempt"]
    sign_out(client)
    sign_in(client, "zhao.fang")
    client.cookies.set("minxin_attempt", attempt, path="/console/single-sign-on")
    done = client.post("/console/single-sign-on/completion", data=back)
    assert done.status_code == 403
    assert kept(sessions, IdentityRow) == []


def test_without_a_provider_there_is_no_button_and_no_door(sqlite_url, sessions):
    settings = Settings(database_url=sqlite_url)
    with TestClient(create_app(settings, clock=lambda: NOW)) as client:
        assert "single-sign-on" not in client.get("/console/sign-in").text
        assert client.get("/console/single-sign-on").status_code == 409


def test_half_a_provider_is_refused_by_name():
    with pytest.raises(MinxinError, match="MINXIN_OIDC_CLIENT_SECRET must be set too"):
        Settings(oidc_issuer="https://id.test", oidc_client_id="minxin")
