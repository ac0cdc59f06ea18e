"""Every kind of document, printed from the example in docs/formats-documents.md."""
from __future__ import annotations

import hashlib
import io
import json
import re
import subprocess
import sys
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import Any, cast
from urllib.parse import parse_qs, urlencode, urlsplit

import pytest
import segno
from pypdf import PdfReader

from trading_core.adapters.pdf import finish as finish_module
from trading_core.adapters.pdf.fonts import Fonts
from trading_core.adapters.pdf.kinds import COMMON, EDITION, KINDS
from trading_core.adapters.pdf.press import TEMPLATES, PdfPress
from trading_core.adapters.pdf.source import FORMAT, digest
from trading_core.domain.errors import Refused
from trading_core.domain.fields import Field
from trading_core.domain.money import daxie, yuan_text
from trading_core.messages import LANGUAGES, Catalogue, Language

Example = Callable[[str], dict[str, Any]]
Sections = dict[str, tuple[list[list[str]], dict[str, Any]]]
KIND_NAMES = sorted(KINDS)
SITE = "https://jy.example.gov.cn"


def text_of(pdf: bytes) -> str:
    return "\n".join(page.extract_text() for page in PdfReader(io.BytesIO(pdf)).pages)


def joined(text: str) -> str:
    """Text without the breaks and spaces that lines and cells put into it."""
    return re.sub(r"\s", "", text)


def problems_of(refusal: pytest.ExceptionInfo[Refused]) -> set[tuple[str, str]]:
    return {(p.code, p.path) for p in refusal.value.problems}


def values(fields: Sequence[Field], data: dict[str, Any]) -> Iterator[tuple[Field, Any]]:
    """Every value of the data with the field that declares it."""
    for f in fields:
        value = data.get(f.name)
        if value is None:
            continue
        if f.kind == "object":
            yield from values(f.fields, value)
        elif f.kind == "list":
            for item in value:
                yield from values(f.fields, item) if f.fields else [(Field(f.name), item)]
        else:
            yield f, value


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("kind", KIND_NAMES)
def test_everything_in_the_data_can_be_copied_off_the_paper(kind: str, language: Language, press: PdfPress, example: Example) -> None:
    """Text is real text [12 §12.7]; nothing is attached that is not printed [12 §12.6]."""
    data = example(kind)
    text = joined(text_of(press.render(kind, data, language)))
    for f, value in values(KINDS[kind].all_fields, data):
        if f.kind in {"text", "long_text", "decimal", "hash"}:
            assert joined(value) in text, f.name
        elif f.kind == "money":
            assert yuan_text(value) in text, f.name


def minimal(fields: Sequence[Field]) -> dict[str, Any]:
    """Data with nothing but what a kind requires."""
    samples: dict[str, Any] = {
        "text": "文", "long_text": "文", "integer": 1, "money": 100, "decimal": "1", "boolean": False, "date": "2026-03-31",
        "instant": "2026-03-31T00:00:00+08:00", "hash": "0" * 64,
    }  # fmt: skip
    made: dict[str, Any] = {}
    for f in fields:
        if f.required:
            inner = minimal(f.fields) if f.fields else "文"
            made[f.name] = {"list": [inner], "object": inner, "choice": (f.choices or ("",))[0]}.get(f.kind, samples.get(f.kind))
    return made


FORMS = [(k, form) for k in KIND_NAMES for f in KINDS[k].fields if f.name == "form" for form in f.choices]


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize(("kind", "form"), [*((k, None) for k in KIND_NAMES), *FORMS])
def test_prints_with_nothing_but_what_is_required(
    kind: str, form: str | None, language: Language, press: PdfPress, catalogue: Catalogue
) -> None:
    data = minimal(KINDS[kind].all_fields) | ({"form": form} if form else {})
    text = text_of(press.render(kind, data, language))
    named = f"document.title.{kind}" + (f".{data['form']}" if "form" in data else "")
    title = data["title"] if "title" in data else catalogue.say(named, language)
    assert joined(title) in joined(text)


def fill_all(fields: Sequence[Field]) -> dict[str, Any]:
    """Data with every declared field present once."""
    return minimal([Field(f.name, f.kind, True, f.choices, fields=_all(f.fields)) for f in fields])


def _all(fields: Sequence[Field]) -> tuple[Field, ...]:
    return tuple(Field(f.name, f.kind, True, f.choices, fields=_all(f.fields)) for f in fields)


@pytest.mark.parametrize("kind", KIND_NAMES)
def test_every_declared_field_is_printed(kind: str, press: PdfPress) -> None:
    """Each text field in turn carries a word of its own, which must be found on the paper."""
    data = fill_all(KINDS[kind].all_fields)
    if "form" in data:
        data["form"] = KINDS[kind].fields[0].choices[-1]  # the form with the most fields
    marked: dict[str, str] = {}
    data = cast("dict[str, Any]", _marked(data, "", marked))
    if kind == "archive_catalogue":  # a piece is there or absent
        data["pieces"].append({k: v for k, v in data["pieces"][0].items() if k != "absent"})
    text = joined(text_of(press.render(kind, data)))
    assert [path for path, word in marked.items() if word not in text] == []


def _marked(value: Any, path: str, marked: dict[str, str]) -> Any:
    if value == "文":
        marked[path] = f"词{len(marked):03d}"
        return marked[path]
    if isinstance(value, dict):
        return {k: _marked(v, f"{path}.{k}", marked) for k, v in value.items()}
    return [_marked(v, path, marked) for v in value] if isinstance(value, list) else value


@pytest.mark.parametrize("kind", KIND_NAMES)
def test_the_document_page_lists_the_fields(kind: str, document_sections: Sections) -> None:
    assert [(row[0], row[1].split(":")[0].removesuffix(" of text"), row[2]) for row in document_sections[kind][0]] == [
        (f"`{path}`", f.kind, "yes" if f.required else "") for path, f in _paths(KINDS[kind].fields)
    ]


def test_the_document_page_is_complete(document_sections: Sections) -> None:
    assert set(document_sections) == {"", *KINDS}
    assert [row[0] for row in document_sections[""][0]] == [f"`{path}`" for path, _ in _paths(COMMON)]
    assert {p.name.removesuffix(".html.jinja2") for p in TEMPLATES.glob("*.jinja2")} == {"base", "parts", "tender", *KINDS}


def _paths(fields: Sequence[Field], prefix: str = "") -> Iterator[tuple[str, Field]]:
    for f in fields:
        yield prefix + f.name, f
        yield from _paths(f.fields, f"{prefix}{f.name}{'[].' if f.kind == 'list' else '.'}")


# ------------------------------------------------------------------ the file

def test_same_data_same_bytes_in_another_process(press: PdfPress, example: Example, catalogue_folder: Path, tmp_path: Path) -> None:
    """12 §12.7 rule 4."""
    data = example("award_letter")
    first = press.render("award_letter", data)
    assert first == press.render("award_letter", dict(reversed(data.items())))
    (tmp_path / "data.json").write_text(json.dumps(data), "utf-8")
    script = (
        "import json, sys; from pathlib import Path; from trading_core import messages\n"
        "from trading_core.adapters.pdf.fonts import open_fonts; from trading_core.adapters.pdf.press import PdfPress\n"
        f"press = PdfPress(open_fonts(Path('var')), messages.read([Path(sys.argv[2])]), {SITE!r})\n"
        "sys.stdout.buffer.write(press.render('award_letter', json.loads(Path(sys.argv[1]).read_text('utf-8'))))"
    )
    done = subprocess.run([sys.executable, "-c", script, tmp_path / "data.json", catalogue_folder], check=True, capture_output=True)
    assert done.stdout == first


def test_other_data_other_bytes_and_other_identity(press: PdfPress, example: Example) -> None:
    data = example("award_letter")
    one, two = (PdfReader(io.BytesIO(press.render("award_letter", d))) for d in (data, data | {"price_fen": 980000001}))
    assert one.trailer["/ID"] != two.trailer["/ID"]


@pytest.mark.parametrize("kind", KIND_NAMES)
def test_every_font_is_embedded(kind: str, press: PdfPress, paper_fonts: Fonts, example: Example) -> None:
    """12 §12.7 rule 1."""
    reader = PdfReader(io.BytesIO(press.render(kind, example(kind))))
    found = set()
    for page in reader.pages:
        for font in cast("dict[str, Any]", page["/Resources"]["/Font"]).values():  # type: ignore[index]
            described = font.get_object()
            assert "/FontFile2" in described["/FontDescriptor"].get_object()
            assert "/ToUnicode" in described
            found.add(described["/BaseFont"].partition("+")[2])
    assert found <= {paper_fonts.regular.stem, paper_fonts.bold.stem}
    assert found


def test_a_font_that_is_not_embedded_stops_the_press(example: Example) -> None:
    from reportlab.pdfgen.canvas import Canvas

    output = io.BytesIO()
    canvas = Canvas(output)
    canvas.drawString(100, 100, "drawn in Helvetica")
    canvas.save()
    with pytest.raises(finish_module.FontNotEmbedded, match="Helvetica"):
        finish_module.finish(output.getvalue(), "x", example("notice"), b"{}")


def test_metadata_and_attachment_come_from_the_data(press: PdfPress, example: Example) -> None:
    data = example("award_letter")
    reader = PdfReader(io.BytesIO(press.render("award_letter", data)))
    attached = reader.attachments["data.json"][0]
    said = json.loads(attached)
    assert said["format"] == FORMAT
    assert (said["edition"], said["kind"]) == (EDITION, "award_letter")
    assert said["data"] == data | {"issued_at": "2026-03-31T02:00:00.000000Z", "bid_at": "2026-03-22T13:14:07.318000Z"}
    info = cast("dict[str, str]", reader.metadata)
    assert info["/DataSHA256"] == hashlib.sha256(attached).hexdigest() == digest("award_letter", data)
    assert info["/CreationDate"] == info["/ModDate"] == "D:20260331100000+08'00'"
    assert info["/Author"] == data["issuer"]
    assert cast("Any", reader.trailer["/Root"])["/Lang"] == "zh-CN"
    assert info["/DataSHA256"][:16] in text_of(press.render("award_letter", data))


def address(kind: str, data: Any) -> str:
    return f"https://jy.example.gov.cn/verify?{urlencode({'document': data['number'], 'digest': digest(kind, data)[:16]})}"


def test_the_qr_code_leads_to_the_check(press: PdfPress, example: Example) -> None:
    data = example("award_letter")
    url = address("award_letter", data)
    parts = urlsplit(url)
    assert (parts.scheme, parts.netloc, parts.path) == ("https", "jy.example.gov.cn", "/verify")
    assert parse_qs(parts.query) == {"document": [data["number"]], "digest": [digest("award_letter", data)[:16]]}
    image = PdfReader(io.BytesIO(press.render("award_letter", data))).pages[-1].images[0].image.convert("1")
    matrix = [bytes(1 - bit for bit in row) for row in segno.make(url, error="m", micro=False).matrix]
    scale, border = 4, 4
    assert image.width == scale * (len(matrix) + 2 * border)
    read = [
        bytes(1 if image.getpixel((scale * (x + border) + 2, scale * (y + border) + 2)) else 0 for x in range(len(matrix)))
        for y in range(len(matrix))
    ]
    assert read == matrix


@pytest.mark.parametrize("kind", ["bid_receipt", "evaluation_report"])
def test_a_telephone_can_read_the_qr_code(press: PdfPress, example: Example, kind: str) -> None:
    """Every module is printed at least 0.4 mm wide, the quiet zone around it included."""
    contents = PdfReader(io.BytesIO(press.render(kind, example(kind)))).pages[-1].get_contents()
    assert contents is not None
    drawn = re.findall(rb"([\d.]+) 0 0 ([\d.]+) [-\d.]+ [-\d.]+ cm\n/\S+ Do", contents.get_data())
    modules = len(segno.make(address(kind, example(kind)), error="m", micro=False).matrix) + 2 * 4
    assert drawn and all(float(side) / 72 * 25.4 / modules >= 0.4 for side in drawn[-1])


def test_the_heads_of_the_draw_are_whole_words(press: PdfPress, example: Example) -> None:
    text = text_of(press.render("draw_record", example("draw_record"), "en"))
    assert text.count("Order") == 3 and "Orde\n" not in text


def test_forty_bidders_run_over_pages_under_the_same_head(press: PdfPress, example: Example) -> None:
    data = example("opening_record")
    bid = data["bids"][0]
    data["bids"] = [{**bid, "name": f"第{i}号投标人建设工程有限公司", "price_fen": 980000000 + i * 12345678} for i in range(40)]
    reader = PdfReader(io.BytesIO(press.render("opening_record", data)))
    pages = [page.extract_text() for page in reader.pages]
    with_bids = [p for p in pages if "号投标人" in p]
    assert len(with_bids) >= 4
    assert all("项目负责人" in joined(p) and "投标报价" in joined(p) for p in with_bids)
    for number, page in enumerate(pages, 1):
        assert f"第{number}页共{len(pages)}页" in joined(page)
        assert f"文书编号：{data['number']}" in page
    text = joined("".join(pages))
    for row in data["bids"]:
        assert row["name"] in text
        assert yuan_text(row["price_fen"]) in text
        assert daxie(row["price_fen"]) in text
    assert reader.pages[0].mediabox.width > reader.pages[0].mediabox.height


# ------------------------------------------------------------------ what is refused

def test_all_faults_of_the_data_at_once(press: PdfPress, example: Example) -> None:
    data = example("candidates_notice")
    del data["issuer"]
    data["secret"] = "1"
    data["candidates"][1]["price_fen"] = "9500000"
    data["period_end"] = "2026-03-31 00:00"
    with pytest.raises(Refused) as refusal:
        press.render("candidates_notice", data)
    assert problems_of(refusal) == {
        ("field.required", "issuer"), ("field.unknown", "secret"), ("field.not_integer", "candidates.1.price_fen"),
        ("field.not_instant", "period_end"),
    }  # fmt: skip


def test_characters_that_the_fonts_lack(press: PdfPress, example: Example) -> None:
    data = example("award_letter")
    data["winner"] = "𠮷祥建设\U0001f642有限公司"
    data["leader"] = "喆堃赟昇祎㛃䶮龘"
    with pytest.raises(Refused) as refusal:
        press.render("award_letter", data)
    problem = refusal.value.problems[0]
    assert problems_of(refusal) == {("document.missing_character", "winner")}
    assert problem.params == {"characters": "𠮷\U0001f642", "codes": "U+20BB7, U+1F642"}


def test_a_kind_that_does_not_exist(press: PdfPress) -> None:
    with pytest.raises(Refused) as refusal:
        press.render("love_letter", {})
    assert problems_of(refusal) == {("document.unknown_kind", "kind")}


def test_markup_in_data_stays_text(press: PdfPress, example: Example) -> None:
    data = example("notice")
    data["reason"] = "<b>粗</b><img src='file:///etc/passwd'/>&amp;{{ 7*7 }}"
    assert joined(data["reason"]) in joined(text_of(press.render("notice", data)))


def test_the_fonts_can_print_every_word_of_the_catalogue(paper_fonts: Fonts, catalogue: Catalogue) -> None:
    said = "".join(text for key, entry in catalogue.texts.items() if key.startswith("document.") for text in entry.values())
    assert paper_fonts.missing_characters(said) == []


def test_every_label_that_templates_ask_for_is_in_the_catalogue_and_none_is_idle(catalogue: Catalogue) -> None:
    source = "".join(p.read_text("utf-8") for p in TEMPLATES.glob("*.jinja2"))
    heads = re.findall(r"head\(\[([^]]*)\]", source)
    labels = {*re.findall(r'fact\("(\w+)"', source), *re.findall(r"\w+", " ".join(heads))}
    named = {f"document.label.{n}" for n in labels} | {f"document.{n}" for n in re.findall(r'"((?:label|heading|text)\.\w+)"', source)}
    started = re.findall(r'"((?:label|heading|text)\.\w+_)" ~', source)
    kept = {k for k in catalogue.texts if re.match(r"document\.(label|heading|text)\.", k)}
    assert {n for n in named if not n.endswith("_")} - kept == set()
    assert {k for k in kept - named if not any(k.startswith(f"document.{s}") for s in started)} == set()
