"""What a member of staff sees of a case; which cases is applications.listing's."""

from cms.access import AnyUser, has_role
from cms.models import Department, Role

# An auditor checks that work was done, and needs no account number for it
MAY_READ_SENSITIVE = frozenset({Role.OFFICER, Role.APPROVER, Role.EXPORTER})

MAY_HANDLE = frozenset({Role.OFFICER, Role.APPROVER})  # everything up to the decision, and after it
MAY_DECIDE = frozenset({Role.APPROVER})
MAY_BE_ASSIGNED = MAY_HANDLE

HIDDEN = "●●●●"  # always as long, so that it does not tell the length
SHOWN = 3  # characters at the end
SHORTEST = 6  # of a shorter text, three characters would give too much away


def sees_sensitive(user: AnyUser, department: Department) -> bool:
    return has_role(user, MAY_READ_SENSITIVE, department)


def masked(text: str) -> str:
    """Enough to compare with a paper at hand, too little to use."""
    if not text:
        return ""
    return HIDDEN + text[-SHOWN:] if len(text) >= SHORTEST else HIDDEN
