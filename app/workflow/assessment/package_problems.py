"""What is said of a package that is not what was exported, in both languages."""

from dataclasses import dataclass

from app.errors import InputRefused, Problem


@dataclass(frozen=True, slots=True)
class Complaint:
    """One thing that can be wrong, with its cure; facts in braces."""

    english: str
    cure: str
    chinese: str


NOT_A_PACKAGE = Complaint(
    "is no archive that can be read ({what})",
    "Take the file that `minxin export-scores` wrote, unchanged.",
    "不是可读的数据包（{what}）。请使用 minxin export-scores 导出的原文件。",
)
WRONG_FILES = Complaint(
    "does not hold exactly the files of a package: {what}",
    "Take the file that was exported; nothing may be added, removed or renamed.",
    "所含文件与数据包不符：{what}。请使用导出的原文件，不得增删或改名。",
)
TOO_LARGE = Complaint(
    "{file} is larger than a package can be, or compressed",
    "Take the file that was exported.",
    "{file} 超过数据包的允许大小，或经过压缩。请使用导出的原文件。",
)
WRONG_DIGEST = Complaint(
    "{file} has another SHA-256 than the manifest says",
    "It was changed after the export. Ask for the package again.",
    "{file} 的 SHA-256 与清单不符：导出后被改动过。请重新索取。",
)
ALTERED = Complaint(
    "{file} does not agree with {what}",
    "It was changed after the export. Ask for the package again.",
    "{file} 与 {what} 不一致：导出后被改动过。请重新索取。",
)
RECOMPUTED = Complaint(
    "{file} is not what its inputs give: {what}. Made with {made_with}; here {here}",
    "With other versions, compute it with those it was made with. With the same ones the "
    "result was changed.",
    "{file} 与由其输入重新计算的结果不同：{what}。原环境：{made_with}；本机：{here}。"
    "版本不同时，请用原版本重算；版本相同则说明结果被改动过。",
)
REPACKED = Complaint(
    "holds the right files, but is not the archive that was exported",
    "It was packed again. Take the file that was exported.",
    "文件内容无误，但不是导出的原压缩包，曾被重新打包。请使用导出的原文件。",
)


def refused(complaint: Complaint, **facts: str) -> InputRefused:
    """The refusal of a package."""
    place = facts.get("file", "the package")
    return InputRefused(
        [
            Problem(
                place,
                complaint.english.format(**facts),
                complaint.cure,
                chinese=complaint.chinese.format(**facts),
            )
        ]
    )
