"""What is asked for when results come as a file."""

from django import forms

from casework.actions.forms import PlainText, usual_instruction

FORMATS = {"xlsx": "Excel", "csv": "CSV（UTF-8）", "csv_cp932": "CSV（シフトJIS）"}


class UploadForm(forms.Form):
    file = forms.FileField(
        label="結果を書き込んだファイル",
        help_text="記入用のファイルの「結果」と「理由・伝えること」に書いて保存したもの。ExcelかCSV、5MB・5,000件まで。",
        error_messages={"required": "ファイルを選んでください。", "empty": "ファイルが空です。"},
    )


class ConfirmForm(forms.Form):
    instruction = PlainText(
        label="教示",
        required=False,
        rows=9,
        help_text="不承認とする申請のすべてに付けて、申請者に表示します。処分にあたらない手続では、消してください。",
        initial=usual_instruction,
    )
