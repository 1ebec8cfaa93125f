"""Two reviewers of two offices decide about a campaign that the examination found."""

from walked_office import Seat

NOTE = "查了大厅当天的叫号记录：那个时段只有三个人办事。"


def judge(seat: Seat) -> str:
    """Look at the campaign blind, judge it, then see what it moves; its code."""
    open_first(seat)
    seat.looks("请先判断，再看对得分的影响", "也可能是")
    assert "抬高得分" not in seat.page.inner_text("main")
    decide(seat, "exclude")
    seat.looks("抬高得分", "等待另一单位第二人确认")
    return seat.page.inner_text("h1 code")


def confirm(seat: Seat) -> None:
    """Judge it oneself, without knowing the direction, and confirm the other's decision."""
    open_first(seat)
    assert "抬高得分" not in seat.page.inner_text("main")
    decide(seat, "exclude")
    seat.page.click("text=作为第二人确认第 1 号")
    seat.fill(note__1__confirmation=NOTE)
    seat.page.click("#decision-1 button:has-text('确认')")
    seat.looks("现行：排除")


def open_first(seat: Seat) -> None:
    """From the first page to the campaign that moves most."""
    seat.go("/console")
    seat.follow("有共同来历迹象的回答")
    seat.looks("先判断", "需要两人")
    seat.press("打开看")


def decide(seat: Seat, verdict: str) -> None:
    """Write down a decision with the first reason that fits it."""
    seat.page.check(f"[name=verdict][value={verdict}]")
    fitting = seat.page.locator("label.tick", has_text="排除").locator("[name=reason]")
    fitting.first.check()
    seat.fill(note=NOTE)
    seat.page.click("#decide button")
