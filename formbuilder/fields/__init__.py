"""The field types, in the order in which the editor's menu offers them."""

from formbuilder.fields.address import AddressType
from formbuilder.fields.age import AgeType
from formbuilder.fields.amounts import MoneyType, QuantityType
from formbuilder.fields.bank_account import BankAccountType
from formbuilder.fields.base import FieldType
from formbuilder.fields.choice import ChoicesType, ChoiceType
from formbuilder.fields.computed import ComputedType
from formbuilder.fields.date import DateType
from formbuilder.fields.email import EmailType
from formbuilder.fields.files import FileType, PhotoType
from formbuilder.fields.goods import GoodsType
from formbuilder.fields.lines import CorporateNumberType, KanaType, UrlType
from formbuilder.fields.linked import LinkedType
from formbuilder.fields.listed import ListedType
from formbuilder.fields.matrix import MatrixType
from formbuilder.fields.names import FullNameType, KanaNameType
from formbuilder.fields.number import NumberType
from formbuilder.fields.phone import PhoneType
from formbuilder.fields.prefecture import PrefectureType
from formbuilder.fields.repeat import RepeatType
from formbuilder.fields.scales import RatingType, RefundAccountType
from formbuilder.fields.shown import HeadingType, RichTextType, StopType
from formbuilder.fields.signature import SignatureType
from formbuilder.fields.signs import FeeSign, IdentitySign, NoticeType, PageLinkType, SlotSign
from formbuilder.fields.spot import SpotType
from formbuilder.fields.text import TextareaType, TextType
from formbuilder.fields.time import DateRangeType, DateTimeType, TimeType
from formbuilder.fields.yes_no import ConsentType, YesNoType

_TYPES: dict[str, FieldType] = {
    "text": TextType(),
    "textarea": TextareaType(),
    "number": NumberType(),
    "quantity": QuantityType(),
    "money": MoneyType(),
    "date": DateType(),
    "date_range": DateRangeType(),
    "time": TimeType(),
    "datetime": DateTimeType(),
    "email": EmailType(),
    "phone": PhoneType(),
    "url": UrlType(),
    "kana": KanaType(),
    "spot": SpotType(),
    "full_name": FullNameType(),
    "kana_name": KanaNameType(),
    "age": AgeType(),
    "address": AddressType(),
    "corporate_number": CorporateNumberType(),
    "yes_no": YesNoType(),
    "choice": ChoiceType(),
    "choices": ChoicesType(),
    "linked": LinkedType(),
    "listed": ListedType(),
    "matrix": MatrixType(),
    "prefecture": PrefectureType(),
    "rating": RatingType(),
    "consent": ConsentType(),
    "photo": PhotoType(),
    "file": FileType(),
    "signature": SignatureType(),
    "refund_account": RefundAccountType(),
    "bank_account": BankAccountType(),
    "goods": GoodsType(),
    "computed": ComputedType(),
    "rich_text": RichTextType(),
    "heading": HeadingType(),
    "notice": NoticeType(),
    "page_link": PageLinkType(),
    "identity_sign": IdentitySign(),
    "slot_sign": SlotSign(),
    "fee_sign": FeeSign(),
    "stop": StopType(),
}

FIELD_TYPES: dict[str, FieldType] = {
    **_TYPES,
    "repeat": RepeatType({name: type_ for name, type_ in _TYPES.items() if type_.in_rows}),
}
