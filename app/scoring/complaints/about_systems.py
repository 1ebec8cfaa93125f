"""What can be wrong with the tree of a system, its weights and its methods (E101 to E106)."""

from collections.abc import Mapping

from app.scoring.complaints.speech import Complaint

SYSTEMS: Mapping[str, Complaint] = {
    "weights_fall_short": Complaint(
        "E101",
        "{node}在{kind}{type}下权重合计 {total}，应为 {due}：{parts}。请补足 {gap}。",
        "the weights below {node} sum to {total} for {kind} {type}, and should be {due}: "
        "{parts}",
        "Add {gap}.",
    ),
    "weights_exceed": Complaint(
        "E101",
        "{node}在{kind}{type}下权重合计 {total}，应为 {due}：{parts}。请减去 {gap}。",
        "the weights below {node} sum to {total} for {kind} {type}, and should be {due}: "
        "{parts}",
        "Take off {gap}.",
    ),
    "nothing_weighs": Complaint(
        "E101",
        "{node}在{kind}{type}下，下级权重全部为 0：{parts}。请至少给一项写出权重；"
        "整类不计入时，该类自身的权重也写 0。",
        "everything below {node} weighs 0 for {kind} {type}: {parts}",
        "Give a weight, or write 0 for the node too.",
    ),
    "root_has_no_own_weight": Complaint(
        "E101",
        "{node}是总节点，没有自身权重，weights_sum_to 不能写 own_weight。"
        "请写出合计数，如 100。",
        "{node} is the root and has no weight of its own for others to sum to",
        "Write the sum itself, such as 100.",
    ),
    "neither_types_nor_vectors": Complaint(
        "E102",
        "没有写出区域类型（types），也没有写出权重向量（vectors）。请写出其中一种。",
        "has neither region types nor weight vectors",
        "Write `types`, or `vectors`.",
    ),
    "types_and_vectors": Complaint(
        "E102",
        "同时写了区域类型（types）和权重向量（vectors）：{types}；{vectors}。请只保留一种。",
        "has both region types and weight vectors: {types}; {vectors}",
        "Keep one of the two lists.",
    ),
    "root_weighs": Complaint(
        "E102",
        "{part}是总节点，没有同级，不应有权重。请删去 weight。",
        "{part}: the root has none beside it to be weighed against",
        "Remove it.",
    ),
    "summed_node_weighs": Complaint(
        "E102",
        "{part}的权重由下级指标相加得出（node_weights: sum_of_indicators），不应另写。"
        "请删去 weight。",
        "{part}: its indicators' weights are summed",
        "Remove it.",
    ),
    "weight_absent": Complaint(
        "E102",
        "{part}没有权重。如不计入请写 0。",
        "{part} has no weight",
        "Write 0 if it does not count.",
    ),
    "one_weight_for_several": Complaint(
        "E102",
        "{part}只写了一个权重 {value}，而{kind}有 {n} 个。请逐一写出：{types}。",
        "{part} has one weight for {n} {kind}s",
        "Write one for each: {types}.",
    ),
    "weight_lacks_type": Complaint(
        "E102",
        "{part}未给出{kind}{type}的权重。如不计入请写 0。",
        "{part} has no weight for the {kind} {type}",
        "Write 0 if it does not count.",
    ),
    "weight_for_unknown_type": Complaint(
        "E102",
        "{part}给出了“{value}”的权重，而体系中没有这个{kind}。{near}",
        "{part} has a weight for a {kind} that is not defined",
        "{near}",
    ),
    "number_of_roots": Complaint(
        "E103",
        "指标树应有且只有一个总节点，现有 {n} 个：{roots}。请只给一个节点写 parent: null。",
        "the tree has {n} roots: {roots}",
        "Exactly one node has `parent: null`.",
    ),
    "parent_unknown": Complaint(
        "E103",
        "{part}的上级“{value}”不存在。{near}",
        "the parent of {part} does not exist",
        "{near}",
    ),
    "parent_is_indicator": Complaint(
        "E103",
        "{part}的上级“{value}”是指标，不是节点，下面不能再分。请改为节点。{near}",
        "the parent of {part} is an indicator, which has nothing below it",
        "Name a node. {near}",
    ),
    "code_of_a_node": Complaint(
        "E103",
        "指标{part}与一个节点同用代码“{value}”。请改其中一个，代码不能重复。",
        "{part} has the code of a node",
        "Codes must be unique.",
    ),
    "nothing_below": Complaint(
        "E103",
        "节点{part}下面没有任何指标。请补上指标，或删去这个节点。",
        "{part} has nothing below it",
        "Give it an indicator, or remove it.",
    ),
    "circle": Complaint(
        "E103",
        "节点{part}的上级绕成一圈：{chain}。请改正其中一个 parent。",
        "the parents of {part} lead in a circle: {chain}",
        "Break the circle.",
    ),
    "gap_part_unknown": Complaint(
        "E103",
        "主客观落差{gap}所指的“{value}”既不是节点也不是指标。{near}",
        "the perception gap {gap} names neither a node nor an indicator",
        "{near}",
    ),
    "gap_with_itself": Complaint(
        "E103",
        "主客观落差{gap}的两端都是“{value}”，没有落差可比。请改其中一端。",
        "the perception gap {gap} compares a part with itself",
        "Name another part at one of its ends.",
    ),
    "opt_in_weighs": Complaint(
        "E104",
        "指标{part}依据自愿扫码数据，只作诊断，权重必须为 0，现为：{weights}。请改为 0；"
        "确需计入时，请写出 opt_in_accepted 及其理由。",
        "{part} rests on opt-in answers, which are for diagnosis only, and has a weight: "
        "{weights}",
        "Write weight 0, or state opt_in_accepted with its reason.",
    ),
    "opt_in_without_reason": Complaint(
        "E104",
        "opt_in_accepted 没有写出理由。自愿扫码数据计入得分，须说明为什么。请补上理由。",
        "accepts opt-in answers without a reason",
        "Say why, in both languages.",
    ),
    "bounds_coincide": Complaint(
        "E105",
        "{subject}的满意值与不允许值都是 {both}。请设为两个不同的值。",
        "{subject}: satisfactory and unacceptable are both {both}",
        "Set them apart.",
    ),
    "bounds_against_more": Complaint(
        "E105",
        "{subject}为正向，满意值 {best} 却低于不允许值 {worst}，方向与界限矛盾。"
        "请对调两值，或改正方向。",
        "{subject}: satisfactory {best} is below unacceptable {worst}, but more is better",
        "Swap them, or correct the direction.",
    ),
    "bounds_against_less": Complaint(
        "E105",
        "{subject}为逆向，满意值 {best} 却高于不允许值 {worst}，方向与界限矛盾。"
        "请对调两值，或改正方向。",
        "{subject}: satisfactory {best} is above unacceptable {worst}, but less is better",
        "Swap them, or correct the direction.",
    ),
    "base_not_below_top": Complaint(
        "E105",
        "{subject}的基础分 {base} 不低于满分 {top}。请改正其中一个。",
        "{subject}: base {base} is not below top {top}",
        "Correct one.",
    ),
    "base_not_positive": Complaint(
        "E105",
        "{subject}采用指数型功效系数法，基础分 {base} 必须大于 0。请改用正数。",
        "{subject}: base {base} is not positive",
        "The exponential form needs it.",
    ),
    "range_does_not_rise": Complaint(
        "E105",
        "{subject}的得分区间 [{low}, {high}] 没有由低到高。请先写低端。",
        "{subject}: the range [{low}, {high}] does not rise",
        "Write the lower end first.",
    ),
    "goalposts_do_not_rise": Complaint(
        "E105",
        "{subject}的下界 {low} 不低于上界 {high}。请改正；逆向指标也先写小值，"
        "方向由 direction 决定。",
        "{subject}: lower {low} is not below upper {high}",
        "The direction turns the scale, not the goalposts.",
    ),
    "goalpost_without_logarithm": Complaint(
        "E105",
        "{subject}按对数归一，下界 {low} 不能取对数。请改用正数下界。",
        "{subject}: lower {low} has no logarithm",
        "Use a positive goalpost.",
    ),
    "points_do_not_rise": Complaint(
        "E105",
        "{subject}的分段点没有由小到大：{first} 之后是 {then}。请按原值排序，每个值只写一次。",
        "{subject}: the values of its points do not rise: {then} comes after {first}",
        "Order them, each once.",
    ),
    "points_against_direction": Complaint(
        "E105",
        "{subject}为{direction}，而分段点的得分随原值{course}，方向与分段点矛盾。"
        "请改正得分，或改正方向。",
        "{subject}: the scores of its points {course}, but {direction} is better",
        "Correct the scores, or the direction.",
    ),
    "plausible_is_empty": Complaint(
        "E105",
        "{subject}的合理范围 {low} 至 {high} 是空的。请让 to 大于 from。",
        "{subject}: the plausible range is empty, {low} to {high}",
        "`to` must exceed `from`.",
    ),
    "mean_needs_positive": Complaint(
        "E106",
        "{node}采用{mean}，要求得分{limit}，而{subject}的得分{reach}。"
        "请把归一下限（base、range）改为 1 以上，或写明 plausible，或改用算术平均。",
        "{node} is a {mean}, which takes scores {limit}, but {subject} {reach}",
        "Use a base of 1 or more, state `plausible`, or use the arithmetic mean.",
    ),
    "fill_not_positive": Complaint(
        "E106",
        "{subject}按规则可能填为 {value} 分，而{node}采用{mean}，要求得分{limit}。"
        "请改用更高的填补分，或改用算术平均。",
        "{subject} may be filled below the {mean} {node}, which takes scores {limit}",
        "Use a positive value, or the arithmetic mean.",
    ),
}
