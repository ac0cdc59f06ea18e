"""Fonts: derived from the dependency, whole or not at all, and checked before use."""
from __future__ import annotations

from importlib.resources import files
from pathlib import Path

import pytest
from fontTools import subset
from fontTools.ttLib import TTFont
from hypothesis import given
from hypothesis import strategies as st

from trading_core.adapters.pdf import fonts as fonts_module
from trading_core.adapters.pdf.derive import derive
from trading_core.adapters.pdf.fonts import LICENCE, PACKAGE, SOURCE, Fonts, FontsError, lacking, open_fonts
from trading_core.messages import Catalogue

SAMPLE = "招标公告中标通知书喆堃赟昇祎㛃䶮龘A1，。①㎡가"


@pytest.fixture(scope="module")
def little_source(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The dependency's variable font with the characters of `SAMPLE` only, so that deriving takes no time."""
    path = tmp_path_factory.mktemp("source") / "little.ttf"
    with TTFont(str(files(PACKAGE).joinpath(SOURCE)), lazy=True) as font:
        cutter = subset.Subsetter(subset.Options(layout_features=[], name_IDs=["*"]))
        cutter.populate(text=SAMPLE)
        cutter.subset(font)
        font.save(path)
    return path


def test_derives_a_static_face_of_the_weight(little_source: Path, tmp_path: Path) -> None:
    for weight, name in ((400, "regular.ttf"), (700, "bold.ttf")):
        derive(little_source, weight, tmp_path / name)
    faces = [TTFont(tmp_path / n) for n in ("regular.ttf", "bold.ttf")]
    for face, weight in zip(faces, (400, 700), strict=True):
        assert "fvar" not in face
        assert "glyf" in face
        assert face["OS/2"].usWeightClass == weight
        assert set(face.getBestCmap()) == {ord(c) for c in SAMPLE if c != "가"}
    stems = [max(face["glyf"][face.getBestCmap()[ord("标")]].getCoordinates(face["glyf"])[0]) for face in faces]
    assert stems[0] != stems[1]


def test_same_source_same_bytes_and_no_remains(little_source: Path, tmp_path: Path) -> None:
    for name in ("a.ttf", "b.ttf"):
        derive(little_source, 400, tmp_path / name)
    assert (tmp_path / "a.ttf").read_bytes() == (tmp_path / "b.ttf").read_bytes()
    assert sorted(p.name for p in tmp_path.iterdir()) == ["a.ttf", "b.ttf"]


def test_a_failed_write_leaves_nothing(little_source: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def full(*_: object, **__: object) -> None:
        raise OSError("no space left on device")

    monkeypatch.setattr(TTFont, "save", full)
    with pytest.raises(OSError, match="no space"):
        derive(little_source, 400, tmp_path / "a.ttf")
    assert list(tmp_path.iterdir()) == []


def test_a_face_that_cannot_be_derived_is_named(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(fonts_module, "SOURCE", SOURCE.replace("NotoSansSC[wght].ttf", LICENCE))  # there, but no font
    with pytest.raises(FontsError, match=r"(?s)NotoSansSC-Regular.ttf.*NotoSansSC-Bold.ttf"):
        open_fonts(tmp_path)
    assert [p.name for p in (tmp_path / "fonts").iterdir()] == [LICENCE]


def test_the_derived_fonts(paper_fonts: Fonts) -> None:
    """Both levels of GB 2312, the whole basic plane of names, punctuation, circled numbers, units; the licence beside them."""
    needed = bytes(range(0xA1, 0xFF))
    gb2312 = {bytes((high, low)).decode("gb2312", "ignore") for high in range(0xB0, 0xF8) for low in needed} - {""}
    assert len(gb2312) == 6763
    basic = {chr(c) for c in range(0x4E00, 0x9FA6)} | {chr(c) for c in range(0x3400, 0x4DB6)}
    latin = {chr(c) for c in range(0x20, 0x7F)} | {chr(c) for c in range(0xA1, 0x100)} - {"\xad"}
    marks = set("，。；：、！？（）《》〈〉【】〔〕“”‘’…—·￥％‰℃°±×÷≤≥①②③④⑤⑥⑦⑧⑨⑩⑪⑫⑬⑭⑮⑯⑰⑱⑲⑳㎡㎥㎏㎜㎝㎞ⅠⅡⅢⅣ²³")
    for wanted in (gb2312, basic, latin, marks):
        assert paper_fonts.missing_characters("".join(sorted(wanted))) == []
    assert "SIL OPEN FONT LICENSE" in (paper_fonts.folder / LICENCE).read_text("utf-8").upper()
    assert paper_fonts.name == "Noto Sans SC"


def test_opening_again_derives_nothing(paper_fonts: Fonts) -> None:
    before = [(p, p.stat().st_mtime_ns) for p in (paper_fonts.regular, paper_fonts.bold)]
    assert open_fonts(paper_fonts.folder.parent) == paper_fonts
    assert [(p, p.stat().st_mtime_ns) for p, _ in before] == before


@given(st.text(max_size=30))
def test_missing_characters_are_each_named_once_in_order(paper_fonts: Fonts, text: str) -> None:
    missing = paper_fonts.missing_characters(text + text)
    assert missing == list(dict.fromkeys(missing))
    assert all(ord(c) not in paper_fonts.characters for c in missing)
    assert paper_fonts.missing_characters("".join(c for c in text if c not in missing)) == []


def test_refusal_names_the_characters(paper_fonts: Fonts, catalogue: Catalogue) -> None:
    problem = lacking(paper_fonts.missing_characters("张𠮷𠮷"), "leader")
    assert (problem.code, problem.path) == ("document.missing_character", "leader")
    for language in ("zh", "en"):
        assert "𠮷" in catalogue.say(f"problem.{problem.code}", language, **problem.params)
    assert paper_fonts.missing_characters("张喆") == []


def test_another_folder(little_source: Path, tmp_path: Path) -> None:
    derive(little_source, 400, tmp_path / "Own-Regular.ttf")
    with pytest.raises(FontsError, match="Bold.ttf"):
        open_fonts(Path("nowhere"), str(tmp_path))
    derive(little_source, 700, tmp_path / "Own-Bold.ttf")
    own = open_fonts(Path("nowhere"), str(tmp_path))
    assert (own.regular.name, own.bold.name) == ("Own-Regular.ttf", "Own-Bold.ttf")
    assert own.missing_characters("招标龟") == ["龟"]


def test_fonts_without_truetype_outlines_are_refused(little_source: Path, tmp_path: Path) -> None:
    font = TTFont(little_source)
    del font["glyf"], font["loca"], font["gvar"], font["fvar"]
    for face in ("Regular", "Bold"):
        font.save(tmp_path / f"Odd-{face}.ttf")
    with pytest.raises(FontsError, match="TrueType outlines"):
        open_fonts(tmp_path, str(tmp_path))
