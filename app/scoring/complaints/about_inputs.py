"""What can be wrong with units, values, errors and events (E201 to E205, E301)."""

from collections.abc import Mapping

from app.scoring.complaints.speech import Complaint

INPUTS: Mapping[str, Complaint] = {
    "no_range": Complaint(
        "E201",
        "指标{indicator}在{group}全部 {n} 个单位上都等于 {value}，无法用数据界限归一。"
        "请用固定界限，或设 zero_range。",
        "{indicator} has the same value in all {n} units{group}, so it has no range",
        "Use fixed bounds, or set zero_range.",
    ),
    "one_value_has_no_place": Complaint(
        "E201",
        "指标{indicator}在{group}全部单位中只有 1 个值 {value}，不能算百分位次。"
        "请改用固定界限的归一方法。",
        "{indicator} has one value only{group}, which has no percentile rank",
        "Use a method with fixed bounds.",
    ),
    "not_positive": Complaint(
        "E201",
        "指标{indicator}采用 {method}，要求原值大于 0，而单位 {units} 的值最低为 {value}。"
        "请核对原值，或改用其他归一方法。",
        "{indicator} has a value that is not positive, which {method} cannot take, in {units}",
        "Check the value, or use another method.",
    ),
    "no_ratio_to_best": Complaint(
        "E201",
        "指标{indicator}采用 {method}，原值不能为负，也不能全部为 0；单位 {units} 的值最低为"
        " {value}。请核对原值，或改用其他归一方法。",
        "{indicator} has no ratio to the best: values must not be negative, or all 0; see "
        "{units}",
        "Check the value, or use another method.",
    ),
    "score_not_finite": Complaint(
        "E201",
        "单位“{unit}”的指标{indicator}：值 {value} 按 {method} 算不出有限的得分。请核对原值。",
        "{indicator} has a value whose {method} score is no finite number",
        "Check the value.",
    ),
    "no_units": Complaint(
        "E202",
        "没有要评分的单位。请至少给出一个单位。",
        "there is no unit to score",
        "Give at least one.",
    ),
    "unit_twice": Complaint(
        "E202",
        "单位“{unit}”给出了 {n} 次。请只保留一次。",
        "is given {n} times",
        "Give it once.",
    ),
    "unit_of_unknown_type": Complaint(
        "E202",
        "单位“{unit}”的{kind}“{value}”不在体系中。{near}",
        "has a {kind} that the system does not know",
        "{near}",
    ),
    "unknown_unit": Complaint(
        "E202",
        "指标{indicator}的一个值属于单位“{value}”，单位名单中没有它。{near}",
        "names an unknown unit",
        "{near}",
    ),
    "unknown_indicator": Complaint(
        "E202",
        "单位“{unit}”的一个值属于指标“{value}”，体系中没有它。{near}",
        "names an unknown indicator",
        "{near}",
    ),
    "cell_twice": Complaint(
        "E202",
        "单位“{unit}”的指标{indicator}有 {n} 个值：{values}。请只保留一个。",
        "has {n} values: {values}",
        "Keep one.",
    ),
    "status_unknown": Complaint(
        "E202",
        "单位“{unit}”的指标{indicator}：状态“{value}”不认识。请写 ok、missing 或"
        " not_applicable。",
        "has an unknown status",
        "Write ok, missing or not_applicable.",
    ),
    "other_evidence": Complaint(
        "E202",
        "单位“{unit}”的指标{indicator}：数据属于{given}类（{value}），而该指标只收{wanted}类。"
        "请交给相应证据类别的指标。",
        "is {value} evidence, and the indicator takes {wanted}",
        "Give it to an indicator of its own evidence class.",
    ),
    "value_beside_status": Complaint(
        "E202",
        "单位“{unit}”的指标{indicator}：状态为{status}，却给出了值 {value}。"
        "请删去该值，或改正状态。",
        "has a value although it is {status}",
        "Drop the value, or correct the status.",
    ),
    "no_value": Complaint(
        "E202",
        "单位“{unit}”的指标{indicator}：状态为 ok，却没有值。请补上值，或把状态改为 missing。",
        "has no value although its status is ok",
        "Give the value, or the status `missing`.",
    ),
    "no_number": Complaint(
        "E202",
        "单位“{unit}”的指标{indicator}：“{value}”不是数。请填数字，或把状态改为 missing。",
        "is not a number",
        "Give a number, or the status `missing`.",
    ),
    "not_finite": Complaint(
        "E202",
        "单位“{unit}”的指标{indicator}：“{value}”不是有限的数。请填数字，或把状态改为"
        " missing。",
        "is not a finite number",
        "Give a number, or the status `missing`.",
    ),
    "implausible": Complaint(
        "E203",
        "单位“{unit}”的指标{indicator}：值 {value} 超出合理范围 {low} 至 {high}（{measure}）。"
        "请核对原值，是否少了小数点？",
        "{indicator} is outside the plausible range {low} to {high} ({measure})",
        "Is the decimal point in its place?",
    ),
    "decimal_point_lost": Complaint(
        "E203",
        "单位“{unit}”的指标{indicator}：值 {value} 超出合理范围 {low} 至 {high}（{measure}）。"
        "请核对原值，是否少了小数点，应为 {meant}？",
        "{indicator} is outside the plausible range {low} to {high} ({measure})",
        "Is the decimal point in its place, and was {meant} meant?",
    ),
    "error_absent": Complaint(
        "E204",
        "单位“{unit}”的指标{indicator}：必须给出标准误，现值 {given} 没有标准误。请补上。",
        "{indicator} has no standard error, which is required, for its value {given}",
        "Give it.",
    ),
    "error_of_opt_in": Complaint(
        "E204",
        "单位“{unit}”的指标{indicator}依据自愿扫码数据，没有抽样标准误（给出 {value}）。"
        "请改给敏感性区间。",
        "{indicator} rests on opt-in answers, which have no standard error",
        "Give a sensitivity band instead.",
    ),
    "error_impossible": Complaint(
        "E204",
        "单位“{unit}”的指标{indicator}：标准误 {value} 不可能，应为不小于 0 的有限数。请核对。",
        "{indicator} has an impossible standard error",
        "Give a finite number of 0 or more.",
    ),
    "effective_n_absent": Complaint(
        "E204",
        "单位“{unit}”的指标{indicator}：要求样本有效量不小于 {least}，却没有给出样本有效量。"
        "请补上；无法提供时，状态写 missing，或写明该单位不排名的原因。",
        "{indicator} has no effective sample size, and needs {least} or more to count",
        "Give it, set the status `missing`, or say why the unit is not ranked.",
    ),
    "effective_n_impossible": Complaint(
        "E204",
        "单位“{unit}”的指标{indicator}：样本有效量 {value} 不可能，应为大于 0 的有限数。"
        "请核对。",
        "{indicator} has an impossible effective sample size",
        "Give a finite number above 0.",
    ),
    "effective_n_too_small": Complaint(
        "E204",
        "单位“{unit}”的指标{indicator}：样本有效量 {value}<{least}，不能进入排名。"
        "请补充样本，或把状态写为 missing，或写明该单位不排名的原因。",
        "{indicator} rests on an effective sample of {value}, below {least}, and cannot enter "
        "a ranking",
        "Enlarge the sample, set the status `missing`, or say why the unit is not ranked.",
    ),
    "band_without_value": Complaint(
        "E204",
        "单位“{unit}”的指标{indicator}：敏感性区间 {low} 至 {high} 不包含值 {value}。"
        "请先写低端，并核对三个数。",
        "{indicator} has a band from {low} to {high} that does not contain it",
        "Give the lower end first.",
    ),
    "covariance_of_unknown_unit": Complaint(
        "E204",
        "{pair}的协方差：单位“{value}”没有任何值。{near}",
        "is the covariance of an unknown unit",
        "{near}",
    ),
    "covariance_with_itself": Complaint(
        "E204",
        "{pair}的协方差：同一个值与自身不算协方差，请删去（其方差由标准误给出）。",
        "is the covariance of an indicator with itself",
        "Remove it: the standard error says as much.",
    ),
    "covariance_twice": Complaint(
        "E204",
        "{pair}的协方差给出了不止一次，又见 {value}。请每对只写一次，先后次序不论。",
        "is given twice, in either order",
        "Give each pair once.",
    ),
    "covariance_without_error": Complaint(
        "E204",
        "{pair}的协方差 {given}：{which}没有标准误。请补上标准误，或删去这一协方差。",
        "is the covariance of a value without a standard error: {which}",
        "Give both standard errors, or leave it out.",
    ),
    "covariance_not_finite": Complaint(
        "E204",
        "{pair}的协方差“{value}”不是有限的数。请核对。",
        "is not a finite covariance",
        "Check the covariance.",
    ),
    "covariance_too_large": Complaint(
        "E204",
        "{pair}的协方差 {value} 超过两个标准误之积 {most}，任何抽样都不可能如此。请核对。",
        "exceeds the product of the standard errors, {most}",
        "Check the covariance.",
    ),
    "gap_not_allowed": Complaint(
        "E205",
        "单位“{unit}”缺少指标{indicator}的值，而体系规定该指标不得缺失。"
        "请补上值；确不适用的，状态写 not_applicable。",
        "{indicator} is missing, and the system allows no gap here",
        "Give the value, or the status `not_applicable` with its reason.",
    ),
    "no_lowest_value": Complaint(
        "E205",
        "指标{indicator}在全部单位上都没有值，“取最低得分”的缺失规则无从执行。"
        "请补上数据，或改用其他缺失规则。",
        "{indicator}: no unit has a value, so there is no lowest one to take",
        "Give values, or use another missing rule.",
    ),
    "event_of_unknown_unit": Complaint(
        "E301",
        "第 {n} 条加扣分事件（事项{item}）：单位“{value}”不在单位名单中。{near}",
        "names an unknown unit",
        "{near}",
    ),
    "event_of_unknown_item": Complaint(
        "E301",
        "第 {n} 条加扣分事件（单位“{unit}”）：体系中没有加扣分项“{value}”。{near}",
        "names an unknown item",
        "{near}",
    ),
    "event_count_impossible": Complaint(
        "E301",
        "第 {n} 条加扣分事件（单位“{unit}”，事项{item}）：次数 {value} 不可能。"
        "请填 1 以上的整数。",
        "has an impossible count",
        "An event happened once or more often.",
    ),
    "event_status_unknown": Complaint(
        "E301",
        "第 {n} 条加扣分事件（单位“{unit}”，事项{item}）：状态“{value}”不认识。"
        "请写 pending（待定）、upheld（成立）或 overturned（撤销）。",
        "has an unknown status",
        "Write pending, upheld or overturned.",
    ),
    "event_without_evidence": Complaint(
        "E301",
        "第 {n} 条加扣分事件（单位“{unit}”，事项{item}，{count} 次）没有证据。"
        "请写出所依据的文件。",
        "has no evidence",
        "Name the document it rests on.",
    ),
}
