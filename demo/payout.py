"""The account that the ギフト of みほん市 is paid from."""

from cms.models import Department
from payouts.models import Source


def build_payout_source(department: Department) -> Source:
    return Source.objects.create(
        name="会計管理者（一般会計）",
        department=department,
        client_code="0000012345",
        client_name="ﾐﾎﾝｼ ｶｲｹｲｶﾝﾘｼﾔ",
        bank_code="0140",
        bank_name="ﾐﾎﾝ",
        branch_code="001",
        branch_name="ﾎﾝﾃﾝ",
        kind="1",
        number="0001234",
    )
