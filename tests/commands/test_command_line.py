"""The command line: its languages, its exit codes, what each command answers."""
from __future__ import annotations

import json
import signal
import sqlite3
import time
import urllib.request
from pathlib import Path
from typing import Any

import pytest

from tests.export.stage import Finished, run
from tests.served import serving
from tests.world import TERMS, World
from trading_core.cli import COMMANDS
from trading_core.commands import shell
from trading_core.messages import CatalogueError
from trading_core.platform import Platform


def problems(out: str) -> list[str]:
    return [p["code"] for p in json.loads(out)["problems"]]


# ------------------------------------------------------------------ all commands

@pytest.mark.parametrize("language", ["zh", "en"])
@pytest.mark.parametrize("command", [*(m.NAME for m in COMMANDS), ""])
def test_every_command_has_its_help(command: str, language: str, capsys: pytest.CaptureFixture[str]) -> None:
    code, _, _ = run(*command.split(), "--help", "--lang", language)
    told = capsys.readouterr().out
    assert code == 0 and "--json" in told
    assert ("选项" in told) == (language == "zh")


@pytest.mark.parametrize(
    ("argv", "code"),
    [
        ((), "usage.missing"), (("bogus",), "usage.choice"), (("verify",), "usage.missing"), (("verify", "a", "b"), "usage.unknown"),
        (("serve", "--port"), "usage.value_missing"), (("serve", "--port", "x"), "usage.number"),
        (("verify", "no-such-file"), "usage.file"), (("evaluate", "no-such-file"), "usage.file"),
        (("periods", "engineering", "--start", "2026-02-30"), "usage.date"),
        (("periods", "nothing", "--start", "2026-03-02"), "usage.no_trade"),
        (("periods", "engineering", "--start", "2026-03-02", "--fact", "mandatory"), "usage.pair"),
        (("periods", "engineering", "--start", "2026-03-02", "--point", "nowhere"), "usage.point"),
        (("rebuild", "--config", "no-such-file"), "usage.file"),
    ],
)  # fmt: skip
def test_usage_errors_exit_2_and_say_what_is_wrong(argv: tuple[str, ...], code: str) -> None:
    exit_code, out, _ = run(*argv, "--json")
    assert (exit_code, problems(out)) == (2, [code])
    told = json.loads(out)["problems"][0]
    assert told["zh"] != told["en"] and "{" not in told["zh"] + told["en"]
    for language, text in (("zh", told["zh"]), ("en", told["en"])):
        exit_code, out, err = run(*argv, "--lang", language)
        assert (exit_code, out) == (2, "") and text in err


def test_chinese_is_the_language_unless_another_is_asked_for() -> None:
    assert run("verify", "no-such-file")[2].startswith("没有办成")
    assert run("--lang=en", "verify", "no-such-file")[2].startswith("Not done")


def test_a_plugin_that_is_broken_does_not_stop_the_verifier(done: Finished, monkeypatch: pytest.MonkeyPatch) -> None:
    """Checking needs the core's texts only."""

    def broken() -> None:
        raise CatalogueError("a plugin")

    monkeypatch.setattr(shell, "all_texts", broken)
    assert run("verify", str(done.folder / "project.zip"))[0] == 0


# ------------------------------------------------------------------ verify

def test_verify_tells_each_check_in_words(done: Finished) -> None:
    code, out, _ = run("verify", str(done.folder / "project.zip"), "--trust", str(done.folder / "keys.json"))
    assert code == 0
    assert "✓" in out and "核验通过" in out.splitlines()[-1] and "✗" not in out
    code, out, _ = run("verify", str(done.folder / "project.zip"), "--lang", "en")
    assert "Compare them with the published ids" in out


def test_verify_refuses_other_keys_and_names_them(done: Finished, tmp_path: Path) -> None:
    keys = json.loads((done.folder / "keys.json").read_text())
    keys["receipt"] = keys["log"].replace("gongxin.example/log", "gongxin.example/log")
    other = tmp_path / "keys.json"
    other.write_text(json.dumps(keys))
    code, out, _ = run("verify", str(done.folder / "project.zip"), "--trust", str(other), "--json")
    assert (code, json.loads(out)["failure"]) == (1, "keys.trusted")


def test_verify_says_when_the_key_file_is_none(done: Finished) -> None:
    code, out, _ = run("verify", str(done.folder / "project.zip"), "--trust", str(done.folder / "project.zip"), "--json")
    assert (code, problems(out)) == (2, ["usage.key_file"])


@pytest.mark.parametrize("content", [b"", b"PK", b"nonsense", b"{}", b'{"receipt":1}', b"\xff\xfe\x00", b"{" * 5000])
def test_verify_refuses_any_rubbish_without_stumbling(content: bytes, tmp_path: Path) -> None:
    file = tmp_path / "rubbish"
    file.write_bytes(content)
    code, out, _ = run("verify", str(file), "--json")
    assert code == 1 and json.loads(out)["failure"]


# ------------------------------------------------------------------ evaluate, periods

def summarised(done: Finished) -> dict[str, Any]:
    import zipfile

    with zipfile.ZipFile(done.folder / "project.zip") as file:
        lines = [json.loads(line) for line in file.read("events.jsonl").splitlines()]
    found: dict[str, Any] = json.loads(next(line["private"] for line in lines if line["type"] == "evaluation_summarised"))
    return found


def test_anyone_reckons_the_same_result_from_the_published_case(done: Finished, tmp_path: Path) -> None:
    told = summarised(done)
    case = tmp_path / "case.json"
    case.write_text(json.dumps(told["case"], ensure_ascii=False), "utf-8")
    code, out, _ = run("evaluate", str(case), "--json")
    assert code == 0 and json.loads(out) == told["result"]
    code, out, _ = run("evaluate", str(case))
    first = told["result"]["candidates"][0]["bid"]
    assert code == 0 and first in out.splitlines()[0] and out.count("否决") == 1


def test_a_case_that_cannot_be_scored_is_refused_with_every_reason(done: Finished, tmp_path: Path) -> None:
    case = summarised(done)["case"]
    case["entries"] = case["entries"][:-1]
    case["drawn_value"] = "0.99"
    file = tmp_path / "case.json"
    file.write_text(json.dumps(case), "utf-8")
    code, out, _ = run("evaluate", str(file), "--json")
    assert code == 1 and "evaluation.not_a_candidate" in problems(out)
    for text, exit_code in (("[]", 2), ("{1", 2), ('{"a":0.5}', 2), ("{}", 1)):
        file.write_text(text)
        assert run("evaluate", str(file), "--json")[0] == exit_code, text


def test_the_schedule_of_the_rulebook() -> None:
    """[02 §2.3] Documents out on Monday 2026-03-02: bids on Monday 2026-03-23 at the earliest."""
    code, out, _ = run("periods", "engineering", "--start", "2026-03-02", "--json")
    found = {d["period"]: d["day"] for d in json.loads(out)["dates"]}
    assert code == 0
    assert found == {"E-T01": "2026-03-09", "E-T03": "2026-03-23", "E-T04": "2026-03-08", "E-T07": "2026-03-13"}


def test_facts_and_fixed_dates_count() -> None:
    _, out, _ = run("periods", "engineering", "--start", "2026-03-02", "--fact", "mandatory=no", "--json")
    assert "E-T03" not in {d["period"] for d in json.loads(out)["dates"]}
    _, out, _ = run("periods", "engineering", "--start", "2026-03-02", "--known", "bid_deadline=2026-04-01", "--json")
    assert {d["period"]: d["day"] for d in json.loads(out)["dates"]}["E-T04"] == "2026-03-17"
    _, out, _ = run("periods", "engineering", "--start", "2026-03-27", "--point", "publicity_start")
    assert "2026-03-30" in out and "E-T11" in out and "实施条例第54条" in out


def test_an_unknown_year_is_refused_not_guessed() -> None:
    """[T-07]"""
    code, out, _ = run("periods", "engineering", "--start", "2099-12-20", "--json")
    assert (code, problems(out)) == (1, ["calendar.unknown_year"])


# ------------------------------------------------------------------ rebuild, serve

def test_rebuild_proves_the_tables_and_names_what_was_changed(sqlite_platform: Platform) -> None:
    world = World(sqlite_platform)
    lot = world.announce(TERMS)
    world.go(world.clock.now())
    data = str(sqlite_platform.settings.data)
    code, out, _ = run("rebuild", "--data", data, "--json")
    assert code == 0 and json.loads(out)["differences"] == []
    assert "lot" in json.loads(out)["tables"]
    with sqlite3.connect(f"{data}/gongxin.db") as database:
        database.execute("update lot set title = 'another' where id = ?", (lot,))
    code, out, _ = run("rebuild", "--data", data, "--json")
    assert code == 1
    assert json.loads(out)["differences"] == [{"table": "lot", "key": [lot], "kind": "differs", "columns": ["title"]}]
    assert lot in run("rebuild", "--data", data, "--lang", "en")[1]


def test_serve_runs_everything_in_one_process_and_ends_when_told(tmp_path: Path, fonts: str) -> None:
    watcher = ("--witness", str(tmp_path / "watcher"))
    with serving(tmp_path / "data", *watcher, GONGXIN_FONT_DIR=fonts) as site:
        with urllib.request.urlopen(f"{site.address}/api/v1/health", timeout=20) as answer:
            assert json.load(answer)["state"] in ("ok", "slow")
        time.sleep(0.5)
    assert (tmp_path / "data" / witness_file()).exists()


def test_serve_finds_the_outage_that_it_ends(tmp_path: Path, fonts: str) -> None:
    """Killed, started again: what lay between stands in the record and on the page before the first request is answered."""
    given = {"GONGXIN_FONT_DIR": fonts, "GONGXIN_OUTAGE_SECONDS": "2"}
    for end in (signal.SIGKILL, signal.SIGTERM):
        with serving(tmp_path / "data", end=end, **given) as site, urllib.request.urlopen(f"{site.address}/status", timeout=20) as answer:
            assert ("最近的停机" in answer.read().decode()) == (end is signal.SIGTERM)
        time.sleep(2.5)


def witness_file() -> str:
    from trading_core.services.witness import KNOWN

    return KNOWN
