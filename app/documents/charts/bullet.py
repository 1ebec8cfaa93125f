"""A bullet: how full something is, as one bar on its ground; the words stand beside it."""

from app.documents.charts.svg import element

WIDTH, HEIGHT = 200, 14


def bullet_svg(taken: float, most: float, label: str) -> str:
    """A bar of `taken` on a ground of `most`; more than `most` fills the ground."""
    share = min(max(taken / most, 0), 1) if most > 0 else 0
    ground = element("rect", class_="bullet__ground", width=WIDTH, height=HEIGHT, rx=3)
    bar = element("rect", class_="bullet__bar", width=share * WIDTH, height=HEIGHT, rx=3)
    return element(
        "svg",
        ground,
        bar,
        class_="bullet",
        viewBox=f"0 0 {WIDTH} {HEIGHT}",
        role="img",
        aria_label=label,
        preserveAspectRatio="none",
    )
