"""Who may open the pages of exports at all; of which departments, departments_for says."""

from cms.access import MAY_EXPORT_CASES, AnyUser, has_role


def may_export(user: AnyUser) -> bool:
    return has_role(user, MAY_EXPORT_CASES)
