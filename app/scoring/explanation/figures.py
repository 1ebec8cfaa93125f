"""How a number is written in a sentence: two decimals at most, and a minus that is one."""

NOTICEABLE = 0.005
"""Less rounds to nothing in two decimals."""


def figure(value: float) -> str:
    """Two decimals at most, as people write it."""
    text = f"{abs(value):.2f}".rstrip("0").rstrip(".")
    return f"−{text}" if value < 0 and text != "0" else text


def signed(value: float) -> str:
    """As `figure`, with a plus where it is one."""
    return figure(value) if value < 0 else f"+{figure(value)}"


def sentence(text: str) -> str:
    """An English sentence, from its first letter to its full stop."""
    return text[:1].upper() + text[1:] + "."
