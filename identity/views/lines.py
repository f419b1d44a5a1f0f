"""本人確認の点検: what was looked at, and what to do about it."""

from dataclasses import dataclass

from identity.problems import Problem, Refused


@dataclass(frozen=True, slots=True)
class Line:
    """One thing that was looked at. advice: what to do when it is not well."""

    label: str
    text: str
    is_well: bool = True
    advice: str = ""


def unwell(refused: Refused) -> tuple[str, bool, str]:
    """Text, False and advice, for a Line."""
    advice = {
        Problem.UNREACHABLE: "ネットワークと、設定のアドレスを確かめてください。提供者が止まっていることもあります。",
        Problem.REFUSED: "設定のアドレスが違う可能性があります。docs/identity.md を見て、確かめてください。",
    }
    return f"できません（{refused.detail}）", False, advice[refused.problem]
