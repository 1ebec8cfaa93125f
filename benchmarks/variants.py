"""What is compared: the usual design, ours on each database, and ours without storing."""

from dataclasses import dataclass

from processes import Program, minxin_program, uvicorn_program

FIRST_CPU = frozenset({0})
BOTH_CPUS = frozenset({0, 1})


@dataclass(frozen=True, slots=True)
class Variant:
    """One way to serve the same questionnaire."""

    name: str
    title: str
    database: str
    """sqlite or postgres."""
    kind: str
    """plain, ours or without_storing."""
    workers: int = 1

    @property
    def stores(self) -> bool:
        """Whether each acknowledged answer must be found in the database."""
        return self.kind != "without_storing"

    def program(self, url: str, **environment: str) -> Program:
        """The program that serves it over a database."""
        variables = {
            "MINXIN_DATABASE_URL": url,
            "MINXIN_PROXY_HOPS": "1",
            "MINXIN_LOG_LEVEL": "warning",
            **environment,
        }
        cpus = FIRST_CPU if self.workers == 1 else BOTH_CPUS
        if self.kind == "ours":
            return minxin_program(self.workers, cpus, **variables)
        module = "plain_application" if self.kind == "plain" else "without_storing"
        return uvicorn_program(f"{module}:from_environment", cpus, **variables)


VARIANTS = {
    variant.name: variant
    for variant in (
        Variant("a", "plain, SQLite", "sqlite", "plain"),
        Variant("b", "ours, SQLite", "sqlite", "ours"),
        Variant("a-pg", "plain, PostgreSQL", "postgres", "plain"),
        Variant("c1", "ours, PostgreSQL, 1 worker", "postgres", "ours"),
        Variant("c2", "ours, PostgreSQL, 2 workers", "postgres", "ours", workers=2),
        Variant("d", "ours without storing", "sqlite", "without_storing"),
    )
}


@dataclass(frozen=True, slots=True)
class Target:
    """A figure that the project has promised, as a ratio or in its own unit."""

    words: str
    phase: str
    figure: str
    """rate, micros or p99."""
    variant: str
    against: str | None
    """The variant, or variant and phase, that it is divided by; None for the figure itself."""
    bound: float
    at_least: bool


def _targets() -> list[Target]:
    found = []
    for ours, plain in (("b", "a"), ("c1", "a-pg"), ("c2", "a-pg")):
        found += [
            Target("submissions, times plain", "submission", "rate", ours, plain, 12, True),
            Target("submission, CPU µs", "submission", "micros", ours, None, 120, False),
            Target("p99 at half load, of plain", "half", "p99", ours, plain, 1 / 8, False),
            Target(
                "whole respondents, times plain", "respondent", "rate", ours, plain, 12, True
            ),
            Target("page, CPU µs", "page", "micros", ours, None, 40, False),
        ]
    for ours in ("b", "c1"):
        found.append(
            Target(
                "submissions, of without storing", "submission", "rate", ours, "d", 0.5, True
            )
        )
    found.append(
        Target("submissions, slow of usual disk", "slow", "rate", "b", "b/usual", 0.5, True)
    )
    return found


TARGETS = _targets()
