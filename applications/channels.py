"""What is different when staff fill in the form for a resident, at the counter, on the phone or from a letter."""

from applications.models import Channel
from formbuilder.engine import Engine

# The ways of reaching us in which a member of staff does the typing (代行入力)
BY_STAFF = (Channel.PHONE, Channel.COUNTER, Channel.POST)


def waived_by(engine: Engine, channel: str) -> frozenset[str]:
    """Keys of the items that may then stay empty: who comes to the counter need not have an address for mail."""
    if channel not in BY_STAFF:
        return frozenset()
    return frozenset(key for key, field in engine.fields.items() if field.definition.type == "email")
