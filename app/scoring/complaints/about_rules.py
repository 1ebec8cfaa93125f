"""What can be wrong with rules: missing values, what follows the sum (E302), doubts, dates."""

from collections.abc import Mapping

from app.scoring.complaints.speech import Complaint

RULES: Mapping[str, Complaint] = {
    "item_without_price": Complaint(
        "E302",
        "加扣分项{item}没有写分值。请写 points（每次分值）或 steps（逐次分值）之一。",
        "{item} needs either `points` or `steps`",
        "Write one of the two.",
    ),
    "item_with_two_prices": Complaint(
        "E302",
        "加扣分项{item}同时写了 points 和 steps。请只保留一种。",
        "{item} needs either `points` or `steps`, and has both",
        "Keep one of the two.",
    ),
    "family_unknown": Complaint(
        "E302",
        "加扣分项{item}所属的类“{value}”没有定义。{near}",
        "{item} belongs to a family that is not defined",
        "{near}",
    ),
    "bonus_with_veto": Complaint(
        "E302",
        "{item}是加分项，不能否决等次（veto_max_grade: {value}）。请删去。",
        "{item} is a bonus and cannot veto a grade",
        "Remove it.",
    ),
    "veto_without_grades": Complaint(
        "E302",
        "加扣分项{item}否决等次至“{value}”，而体系没有规定等次。请写出 grade，或删去否决。",
        "{item} allows at best a grade, and the system has no grades",
        "State `grade`, or remove the veto.",
    ),
    "veto_grade_unknown": Complaint(
        "E302",
        "加扣分项{item}允许的最高等次“{value}”不在等次表中。请从中选择：{grades}。",
        "{item} allows at best a grade that is not in the scale",
        "Grades: {grades}.",
    ),
    "no_veto_to_lose_bonus": Complaint(
        "E302",
        "规定了被否决者不得加分（no_bonus_when_veto），却没有任何带否决的扣分项。"
        "请给扣分项写 veto_max_grade，或删去此规定。",
        "takes the bonus from vetoed units, and no item has a veto",
        "Give an item `veto_max_grade`, or remove `no_bonus_when_veto`.",
    ),
    "floor_above_ceiling": Complaint(
        "E302",
        "得分下限 {value} 不低于上限 {ceiling}。请改正其中一个。",
        "the floor is not below the ceiling {ceiling}",
        "Correct one of them.",
    ),
    "grade_lacks_threshold": Complaint(
        "E302",
        "等次{grade}按得分线评定，须写 min，不写 share；只有最后一等两者都不写。请改正。",
        "{grade}: by threshold a grade has `min` and no `share`",
        "Only the last grade has neither.",
    ),
    "grade_lacks_share": Complaint(
        "E302",
        "等次{grade}按名额评定，须写 share，不写 min；只有最后一等两者都不写。请改正。",
        "{grade}: by quota a grade has `share` and no `min`",
        "Only the last grade has neither.",
    ),
    "last_grade_limited": Complaint(
        "E302",
        "{grade}是最后一等，接收其余所有单位，不应再写 min 或 share（现为 {value}）。"
        "请删去，或在其后再加一等。",
        "{grade} is the last grade and takes the rest",
        "Remove its `min` or `share`, or add a grade below it.",
    ),
    "thresholds_do_not_fall": Complaint(
        "E302",
        "等次{worse}的得分线 {value} 不低于上一等{better}的 {limit}。"
        "请写小于 {limit} 的数，或调整顺序。",
        "{worse} begins at {value}, not below {better}",
        "Write less than {limit}, or change the order.",
    ),
    "shares_exceed_places": Complaint(
        "E302",
        "各等次名额比例合计 {value}，超过全部名额：{parts}。请使合计不超过 1。",
        "the shares sum to {value}, more than all places: {parts}",
        "Shares sum to 1 at most.",
    ),
    "fixed_without_value": Complaint(
        "",
        "{subject}的缺失规则 fixed 没有写分值。请补上 value。",
        "{subject}: the rule fixed needs a `value`",
        "Add it.",
    ),
    "rule_with_value": Complaint(
        "",
        "{subject}的缺失规则 {rule} 不用分值，却写了 {value}。请删去 value，或改用 fixed。",
        "{subject}: the rule {rule} takes no `value`",
        "Remove it, or use the rule fixed.",
    ),
    "ends_before_it_begins": Complaint(
        "",
        "体系的终止日 {value} 早于起始日 {begin}。请改正其中一个。",
        "is before effective.from, {begin}",
        "Correct one of them.",
    ),
    "system_scope_of_stated_weights": Complaint(
        "",
        "不适用指标的权重要在整个体系内分摊（scope: system），而各类权重是直接写定的。"
        "请改为 scope: parent，或 node_weights: sum_of_indicators。",
        "shares weights over the whole system, whose node weights are stated",
        "Use scope: parent, or node_weights: sum_of_indicators.",
    ),
    "system_scope_in_proportion": Complaint(
        "",
        "不适用指标的权重在整个体系内只能平均分摊，不能按比例。"
        "请改为 share: equal，或 scope: parent。",
        "is only possible inside a parent",
        "Use share: equal, or scope: parent.",
    ),
    "top_impossible": Complaint(
        "",
        "uncertainty.top 中的 {value} 不是名次数。请写 1 以上的整数。",
        "is no number of best places",
        "Write 1 or more.",
    ),
    "top_twice": Complaint(
        "",
        "uncertainty.top 中 {value} 写了不止一次。请只写一次。",
        "is asked for more than once",
        "Write it once.",
    ),
}
