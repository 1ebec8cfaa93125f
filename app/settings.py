"""Every setting, read from the environment (MINXIN_*), by the doors only.

Methodology is never a setting: thresholds, weights and score maps live in definitions,
because they belong to the numbers. Paths are relative to the checkout unless absolute.
"""

from pathlib import Path
from typing import Any, Literal, Self

from pydantic import Field, ModelWrapValidatorHandler, ValidationError, model_validator
from pydantic_settings import BaseSettings, SettingsConfigDict

from app.errors import MinxinError

HOME = Path(__file__).parent.parent
DEFINITIONS = HOME / "survey_defs"
"""The folder of definition files."""


class Settings(BaseSettings):
    """What an operator may choose; each default works on a laptop."""

    model_config = SettingsConfigDict(env_prefix="MINXIN_", frozen=True, extra="ignore")

    database_url: str = f"sqlite:///{HOME / 'var' / 'minxin.sqlite3'}"
    """Where answers are kept: a SQLite file, or ``postgresql://user:password@host/name``."""

    data_directory: Path = HOME / "var" / "segments"
    """The folder of segments: the answers as typed columns, for analysis and export. It holds
    answers, so it must be as closed as the database."""

    public_url: str = "http://127.0.0.1:8000"
    """The address printed in codes; short, and reachable by a resident's phone."""

    proxy_hops: int = Field(default=0, ge=0, le=5)
    """How many reverse proxies of ours a request passes, 0 to 5: that entry from the right of
    ``X-Forwarded-For`` is the resident's address. With 0 the header is ignored."""

    font_directory: Path | None = None
    """A folder of fonts for posters; empty takes the packaged or the system's Noto Sans CJK."""

    log_level: Literal["debug", "info", "warning", "error"] = "info"
    """How much is logged: debug, info, warning or error. Answers and addresses never are."""

    oidc_issuer: str = ""
    """The issuer of a provider of identities (OpenID Connect); empty: passwords only."""

    oidc_client_id: str = ""
    """What the provider calls this installation."""

    oidc_client_secret: str = Field(default="", repr=False)
    """The secret that the provider gave it."""

    oidc_name: str = "统一身份认证"
    """The provider's name on the button of the sign-in page."""

    @model_validator(mode="after")
    def require_a_whole_provider(self) -> Self:
        """An issuer without the rest would fail at somebody's first sign-in."""
        given = {
            "MINXIN_OIDC_ISSUER": self.oidc_issuer,
            "MINXIN_OIDC_CLIENT_ID": self.oidc_client_id,
            "MINXIN_OIDC_CLIENT_SECRET": self.oidc_client_secret,
        }
        lacking = [name for name, value in given.items() if not value]
        if 0 < len(lacking) < len(given):
            raise MinxinError(
                f"{' and '.join(lacking)} must be set too, or none of MINXIN_OIDC_*."
            )
        return self

    @model_validator(mode="wrap")
    @classmethod
    def say_what_is_wrong(cls, given: Any, read: ModelWrapValidatorHandler[Self]) -> Self:
        """One sentence a faulty variable, for the operator who set it."""
        try:
            return read(given)
        except ValidationError as error:
            sentences = [_sentence(detail) for detail in error.errors(include_url=False)]
            raise MinxinError(" ".join(sentences)) from None


def _sentence(detail: Any) -> str:
    variable = f"MINXIN_{'_'.join(map(str, detail['loc'])).upper()}"
    expected = detail.get("ctx", {}).get("expected")
    cure = f"choose {expected}" if expected else str(detail["msg"])
    return f"{variable} is {str(detail['input'])[:60]!r}: {cure}."
