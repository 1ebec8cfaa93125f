"""The command `minxin doctor`: what is wrong with this installation, and what would cure it."""

from collections import Counter
from collections.abc import Iterator
from datetime import UTC, datetime
from urllib.parse import urlsplit

import typer

from app.database.condition import examine_database
from app.database.findings import Finding, ok, warning
from app.database.sqlite_condition import examine_secrecy
from app.documents.printing.fonts import find_fonts
from app.errors import DocumentFailed
from app.settings import Settings

NEARBY = {"127.0.0.1", "localhost", "::1", "0.0.0.0", None}  # noqa: S104 - to recognise it


def add_commands(root: typer.Typer) -> None:
    """The doctor stands at the top."""
    root.command("doctor")(doctor)


def doctor() -> None:
    """Say what is wrong with this installation; status 1 if anything is."""
    settings = Settings()
    verdicts: Counter[str] = Counter()
    for finding in examine(settings):
        verdicts[finding.verdict] += 1
        typer.echo(f"{finding.verdict:8} {finding.subject}: {finding.found}")
        if finding.cure:
            typer.echo(f"{'':8} → {finding.cure}")
    typer.echo(f"\n{verdicts['wrong']} wrong, {verdicts['warning']} to be careful about.")
    if verdicts["wrong"]:
        raise typer.Exit(1)


def examine(settings: Settings) -> Iterator[Finding]:
    """Every finding, the database's first."""
    yield from examine_database(settings.database_url, clock=lambda: datetime.now(UTC))
    yield examine_secrecy(settings.data_directory, "segments")
    yield examine_address(settings.public_url)
    yield examine_proxies(settings.proxy_hops, settings.public_url)
    yield _examine_fonts(settings)


def examine_address(url: str) -> Finding:
    """Whether the address in the codes leads here, and nobody on the way can read along."""
    try:
        address = urlsplit(url)
        host = address.hostname
    except ValueError:
        address, host = urlsplit(""), None
    if host in NEARBY:
        cure = "Set MINXIN_PUBLIC_URL to the https address that residents' phones can reach."
        return warning("public address", f"{url} leads nowhere on a phone.", cure)
    if address.scheme != "https":
        cure = "Put a proxy with TLS in front and write https:// in MINXIN_PUBLIC_URL."
        return warning("public address", f"{url} can be read along the way.", cure)
    return ok("public address", f"{url}")


def examine_proxies(hops: int, public_url: str) -> Finding:
    """Whether residents are told apart behind a proxy."""
    if hops == 0 and public_url.startswith("https:"):
        found = "X-Forwarded-For is ignored, though https is ended by a proxy in front."
        cure = "Set MINXIN_PROXY_HOPS to the number of proxies: else all seem one resident."
        return warning("proxies", found, cure)
    return ok("proxies", f"{hops} of ours in front of the server.")


def _examine_fonts(settings: Settings) -> Finding:
    try:
        found = find_fonts(settings.font_directory)
    except DocumentFailed as missing:
        return warning("fonts", "Posters cannot be made.", str(missing))
    return ok("fonts", f"{found.family} in {found.folder}.")
