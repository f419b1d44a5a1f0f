"""The forms of an export template: what it is about, and its columns."""

from collections.abc import Mapping, Sequence
from typing import Any

from django import forms

from applications.listing import forms_for
from applications.status import ON_DESK
from cms.access import MAY_EXPORT_CASES, AnyUser, departments_for
from exports.columns import layout_of, versions_of
from exports.formats import Format
from exports.models import ExportTemplate
from exports.shapes import Column, Place, Source, Style, names_in, places_in, problem_of
from formbuilder.models import FormPage
from formbuilder.runtime import CompiledForm

FORMATS = (Format.EXCEL, Format.CSV, Format.CSV_PLAIN, Format.CSV_CP932)
MOST = 300  # columns


class TemplateForm(forms.ModelForm[ExportTemplate]):
    form_pages = forms.ModelMultipleChoiceField(
        FormPage.objects.none(), label="申請フォーム", widget=forms.CheckboxSelectMultiple
    )
    format = forms.ChoiceField(label="形式", choices=[(each.value, each.label) for each in FORMATS])
    statuses = forms.MultipleChoiceField(
        label="状態",
        choices=[(status.value, status.label) for status in ON_DESK],
        widget=forms.CheckboxSelectMultiple,
        required=False,
        help_text="選ばなければ、すべての状態を出力します。",
    )

    class Meta:
        model = ExportTemplate
        fields = ("name", "department", "form_pages", "format", "statuses", "shared")

    def __init__(self, user: AnyUser, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        department, pages = self.fields["department"], self.fields["form_pages"]
        assert isinstance(department, forms.ModelChoiceField)
        assert isinstance(pages, forms.ModelMultipleChoiceField)
        department.queryset = departments_for(user, MAY_EXPORT_CASES).order_by("name")
        department.empty_label = None
        pages.queryset = forms_for(user, MAY_EXPORT_CASES)
        if self.instance.pk:
            self.fields["form_pages"].initial = self.instance.forms
        self.fields["shared"].help_text = "所管課の出力できる職員が使えます。変えられるのは作った職員だけです。"

    def save(self, commit: bool = True) -> ExportTemplate:
        self.instance.forms = [page.pk for page in self.cleaned_data["form_pages"]]
        return super().save(commit)


class OutputForm(forms.Form):
    """Of which days, each time that a template is used."""

    received_from = forms.DateField(label="受付日（から）", required=False, widget=forms.DateInput({"type": "date"}))
    received_to = forms.DateField(label="受付日（まで）", required=False, widget=forms.DateInput({"type": "date"}))
    once = forms.BooleanField(label="1回だけ受け取れるようにする", required=False)

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        for name in ("received_from", "received_to"):
            self.fields[name].error_messages["invalid"] = "日付を「2026-04-01」のように入力してください。"

    def clean(self) -> dict[str, Any]:
        given = super().clean() or {}
        first, last = given.get("received_from"), given.get("received_to")
        if first and last and first > last:
            self.add_error("received_to", "「から」の日以降の日にしてください。")
        return given


Places = Mapping[str, Mapping[str, Place]]


def places_of(form_ids: Sequence[int]) -> dict[str, dict[str, Place]]:
    """Name of a column -> form -> where it is; of all versions of each form."""
    found: dict[str, dict[str, Place]] = {}
    for form_id in form_ids:
        for name, place in places_in(layout_of(list(versions_of(form_id)))).items():
            found.setdefault(name, {})[str(form_id)] = place
    return found


def newest_of(form_ids: Sequence[int]) -> CompiledForm | None:
    """What formulas speak of: the newest version of the only form."""
    return versions_of(form_ids[0])[0].engine if len(form_ids) == 1 else None


def usual_columns(places: Places) -> list[dict[str, Any]]:
    """Every column as it is."""
    return [
        {
            "heading": name,
            "source": Source.COLUMN,
            "text": name,
            "style": Style.PLAIN,
            "separator": "",
            "places": {name: forms},
        }
        for name, forms in places.items()
    ][:MOST]


class ColumnForm(forms.Form):
    order = forms.IntegerField(label="順番", min_value=1, max_value=9999, required=False)
    heading = forms.CharField(label="列の見出し", max_length=100)
    source = forms.ChoiceField(label="内容", choices=Source.choices)
    text = forms.CharField(label="項目・文字・式", max_length=500, strip=False)
    style = forms.ChoiceField(label="書き方", choices=Style.choices)
    separator = forms.CharField(label="区切り", max_length=10, required=False, strip=False)

    def __init__(self, *args: Any, places: Places, version: CompiledForm | None, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.places, self.version = places, version
        self.fields["text"].widget.attrs |= {"list": "columns", "size": 30}

    def clean(self) -> dict[str, Any]:
        given = super().clean() or {}
        if not self.errors and (problem := problem_of(self.column(), self.places, self.version)):
            self.add_error("text", problem)
        return given

    def column(self) -> Column:
        given = self.cleaned_data
        source, text = Source(given["source"]), given["text"]
        names = [] if source == Source.FORMULA else [text] if source == Source.COLUMN else names_in(text)
        places = {name: self.places[name] for name in names if name in self.places}
        return Column(given["heading"], source, text, Style(given["style"]), given["separator"], places)


class BaseColumns(forms.BaseFormSet[ColumnForm]):
    def clean(self) -> None:
        if any(self.errors):
            return
        headings = [each.heading for each in self.columns()]
        if not headings:
            raise forms.ValidationError("列を一つ以上入れてください。")
        if len(set(headings)) < len(headings):
            raise forms.ValidationError("同じ見出しの列が二つあります。別の見出しにしてください。")

    def columns(self) -> list[Column]:
        """In their order; those without a number last."""
        kept = [form for form in self.forms if form.has_changed() or form.initial]
        kept = [form for form in kept if form not in self.deleted_forms and "heading" in form.cleaned_data]
        kept.sort(key=lambda form: form.cleaned_data.get("order") or 10_000)
        return [form.column() for form in kept]


ColumnsFormSet = forms.formset_factory(
    ColumnForm, formset=BaseColumns, extra=3, can_delete=True, max_num=MOST, absolute_max=MOST
)
