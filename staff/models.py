"""Accounts of the municipality's staff. Residents have none."""

from django.contrib.auth.models import AbstractUser


class User(AbstractUser):
    """A member of staff. What the person may do follows from the groups (cms.access)."""

    class Meta:
        verbose_name = verbose_name_plural = "職員"

    def get_full_name(self) -> str:
        """Family name first, as names are written here."""
        return f"{self.last_name} {self.first_name}".strip()
