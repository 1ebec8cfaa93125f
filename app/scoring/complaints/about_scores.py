"""What may be doubtful about a score that was computed (W401 to W403): it refuses nothing."""

from collections.abc import Mapping

from app.scoring.complaints.speech import Complaint

SCORES: Mapping[str, Complaint] = {
    "against_its_class": Complaint(
        "W401",
        "提示：指标{indicator}与所在类{node}（不含该指标）的得分负相关，r = {r}，"
        "共 {n} 个单位。请核对该指标的方向和归类。",
        "{indicator} goes against its class {node} without itself, r = {r} over {n} units",
        "Check its direction, and whether it belongs to this class.",
    ),
    "twice_the_same": Complaint(
        "W401",
        "提示：指标{indicator}与同类（{node}）的{other}高度相关，r = {r}，共 {n} 个单位，"
        "几乎重复计分。请考虑只保留一个，或调低两者的权重。",
        "{indicator} and {other}, both of {node}, say nearly the same: r = {r} over {n} units",
        "Keep one of them, or lower the weights of both.",
    ),
    "weighs_more_than_it_should": Complaint(
        "W402",
        "提示：就{group}看，指标{indicator}在{node}内的实际影响占 {share}，超过其名义权重"
        " {nominal} 的 2 倍。请检查其离散程度和归一界限，或调整权重。",
        "{indicator} has {share} of the effective importance inside {node} over {group}, more "
        "than twice its nominal weight of {nominal}",
        "Look at its spread and its bounds, or change its weight.",
    ),
    "bounds_from_data": Complaint(
        "W403",
        "提示：{n} 个指标的归一界限取自当年数据：{indicators}。新增或减少一个单位，"
        "所有单位的得分都可能改变。如界限须事先公布，请改用固定界限。",
        "the bounds of {indicators} ({n} in all) come from this year's values, so that one "
        "unit more or less changes everybody's score",
        "Use fixed bounds where they have to be published beforehand.",
    ),
}
