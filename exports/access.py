"""Who may open the pages of exports at all, and who may have which file; of which departments, departments_for says."""

from cms.access import MAY_EXPORT_CASES, AnyUser, departments_for, has_role
from exports.models import ExportJob


def may_export(user: AnyUser) -> bool:
    return has_role(user, MAY_EXPORT_CASES)


def may_take(user: AnyUser, job: ExportJob) -> bool:
    """Whether it is the user's, who may export, even now, for every department whose applications are in the file."""
    mine = set(departments_for(user, MAY_EXPORT_CASES).values_list("pk", flat=True))
    return job.user_id == user.pk and bool(mine) and mine.issuperset(job.departments)
