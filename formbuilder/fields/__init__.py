"""The field types, in the order in which the editor's menu offers them."""

from formbuilder.fields.address import AddressType
from formbuilder.fields.bank_account import BankAccountType
from formbuilder.fields.base import FieldType
from formbuilder.fields.choice import ChoicesType, ChoiceType
from formbuilder.fields.computed import ComputedType
from formbuilder.fields.date import DateType
from formbuilder.fields.email import EmailType
from formbuilder.fields.files import FileType, PhotoType
from formbuilder.fields.names import FullNameType, KanaNameType
from formbuilder.fields.number import NumberType
from formbuilder.fields.phone import PhoneType
from formbuilder.fields.repeat import RepeatType
from formbuilder.fields.shown import HeadingType, RichTextType, StopType
from formbuilder.fields.text import TextareaType, TextType
from formbuilder.fields.yes_no import ConsentType, YesNoType

_TYPES: dict[str, FieldType] = {
    "text": TextType(),
    "textarea": TextareaType(),
    "number": NumberType(),
    "date": DateType(),
    "email": EmailType(),
    "phone": PhoneType(),
    "full_name": FullNameType(),
    "kana_name": KanaNameType(),
    "address": AddressType(),
    "yes_no": YesNoType(),
    "choice": ChoiceType(),
    "choices": ChoicesType(),
    "consent": ConsentType(),
    "photo": PhotoType(),
    "file": FileType(),
    "bank_account": BankAccountType(),
    "computed": ComputedType(),
    "rich_text": RichTextType(),
    "heading": HeadingType(),
    "stop": StopType(),
}

FIELD_TYPES: dict[str, FieldType] = {
    **_TYPES,
    "repeat": RepeatType({name: type_ for name, type_ in _TYPES.items() if type_.in_rows}),
}
