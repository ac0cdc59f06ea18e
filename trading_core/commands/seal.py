"""``gongxin seal LOT``: seal a bid on this machine, upload it, submit it, keep the receipt."""
from __future__ import annotations

import argparse
import json
from collections import defaultdict
from pathlib import Path

from ..adapters.entropy import SystemEntropy
from ..client import bidder
from ..client.notice import read_notice
from ..client.remote import Answered, Remote
from ..domain.errors import Problem
from .shell import NOT_SO, OK, Shell, UsageError, clock_text, existing, new_file, pairs, read_json

NAME = "seal"


def add(p: argparse.ArgumentParser, shell: Shell) -> None:
    p.add_argument("lot", metavar="LOT", help=shell.say("usage.lot"))
    add_login(p, shell)
    p.add_argument("--name", required=True, help=shell.say("usage.name"))
    p.add_argument("--uscc", required=True, help=shell.say("usage.uscc"))
    p.add_argument("--form", action="append", metavar="ENVELOPE=JSON", help=shell.say("usage.form"))
    p.add_argument("--file", action="append", metavar="ENVELOPE=FILE", help=shell.say("usage.attach"))
    p.add_argument("--replaces", type=Path, metavar="RECEIPT", help=shell.say("usage.replaces"))
    p.add_argument("--receipt", type=Path, required=True, metavar="FILE", help=shell.say("usage.receipt"))


def add_login(p: argparse.ArgumentParser, shell: Shell) -> None:
    """The options of every command that speaks to a platform."""
    p.add_argument("--url", required=True, help=shell.say("usage.url"))
    p.add_argument("--login", required=True, help=shell.say("usage.login"))
    p.add_argument("--role", default="", help=shell.say("usage.role"))


def signed_in(args: argparse.Namespace, shell: Shell) -> Remote:
    """A platform, with the account signed in that the options name."""
    remote = Remote(args.url, SystemEntropy())
    remote.sign_in(args.login, shell.secret("GONGXIN_PASSWORD", "answer.password"), args.role)
    return remote


def run(args: argparse.Namespace, shell: Shell) -> int:
    place, entropy = new_file(args.receipt), SystemEntropy()
    contents = _contents(args)
    replaces = bidder.read_kept(read_json(args.replaces), args.lot) if args.replaces else None
    remote = signed_in(args, shell)
    notice, bid = read_notice(remote, args.lot), bidder.new_bid(entropy, args.name, args.uscc)
    try:
        kept = bidder.submit(remote, notice, bid, contents, entropy, replaces)
    except Answered as refusal:
        if refusal.receipt is None:
            raise
        _write(place, dict(refusal.receipt))
        shell.refused(refusal)
        shell.line(shell.say("answer.bid_refused", path=str(place)))
        return NOT_SO
    _write(place, kept)
    body = json.loads(kept["receipt"]["receipt"])
    shell.line(shell.say("answer.bid_received", bid=kept["bid"], received_at=clock_text(body["received_at"]), path=str(place)))
    shell.answer({"ok": True, "lot": args.lot, "bid": kept["bid"], "received_at": body["received_at"], "receipt": str(place)})
    return OK


def _contents(args: argparse.Namespace) -> dict[str, bidder.Contents]:
    forms: dict[str, dict[str, object]] = {}
    files: dict[str, list[tuple[str, Path]]] = defaultdict(list)
    for stage, name in pairs(args.form):
        form = read_json(Path(name))
        if not isinstance(form, dict):
            raise UsageError(Problem("usage.json", "form", {"file": name, "what": type(form).__name__}))
        forms[stage] = form
    for stage, name in pairs(args.file):
        files[stage].append((Path(name).name, existing(Path(name))))
    return {stage: bidder.Contents(forms.get(stage, {}), files.get(stage, ())) for stage in {*forms, *files}}


def _write(place: Path, kept: object) -> None:
    """Readable by the owner only: it holds what makes the bid the bidder's."""
    place.touch(mode=0o600)
    place.write_text(json.dumps(kept, ensure_ascii=False, indent=1), "utf-8")
