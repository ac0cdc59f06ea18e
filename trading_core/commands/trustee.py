"""``gongxin trustee``: what a keeper of opening keys does: make a key file, register and rehearse, release at the opening."""
from __future__ import annotations

import argparse
from pathlib import Path

from ..adapters.crypto.keyfile import KeyFile, read_key_file, write_key_file
from ..adapters.crypto.trustees import MASTER_SIZE
from ..adapters.entropy import SystemEntropy
from ..client import keeper
from ..domain.tender.trustees import TRUSTEES
from .seal import add_login, signed_in
from .shell import OK, Shell, new_file, read_text

NAME = "trustee"


def add(p: argparse.ArgumentParser, shell: Shell) -> None:
    below = p.add_subparsers(dest="doing", required=True, metavar="WHAT", parser_class=type(p))
    for name, do in (("new", _new), ("register", _register), ("release", _release)):
        title = shell.say(f"command.trustee_{name}")
        one = below.add_parser(name, shell=shell, help=title, description=title)
        one.add_argument("key_file", type=Path, metavar="KEYFILE", help=shell.say("usage.key_file"))
        if name == "new":
            one.add_argument("--trustee", choices=TRUSTEES, required=True, help=shell.say("usage.trustee"))
        else:
            one.add_argument("lot", metavar="LOT", help=shell.say("usage.lot"))
            add_login(one, shell)
        if name == "release":
            one.add_argument("stage", metavar="STAGE", help=shell.say("usage.stage"))
        one.set_defaults(do=do)


def run(args: argparse.Namespace, shell: Shell) -> int:
    code: int = args.do(args, shell)
    return code


def _new(args: argparse.Namespace, shell: Shell) -> int:
    place, entropy = new_file(args.key_file), SystemEntropy()
    passphrase = shell.secret("GONGXIN_PASSPHRASE", "answer.passphrase")
    text = write_key_file(KeyFile(args.trustee, entropy.token_bytes(MASTER_SIZE)), passphrase, entropy)
    place.touch(mode=0o600)
    place.write_text(text, "utf-8")
    shell.line(shell.say("answer.key_made", path=str(place)))
    shell.answer({"ok": True, "trustee": args.trustee, "key_file": str(place)})
    return OK


def _register(args: argparse.Namespace, shell: Shell) -> int:
    keys, remote = _keys(args, shell), signed_in(args, shell)
    stages = keeper.register(remote, keys, args.lot)
    for stage in stages:
        shell.line(shell.say("answer.key_ready", stage=stage))
    shell.answer({"ok": True, "lot": args.lot, "stages": stages})
    return OK


def _release(args: argparse.Namespace, shell: Shell) -> int:
    keys, remote = _keys(args, shell), signed_in(args, shell)
    keeper.release(remote, keys, args.lot, args.stage)
    shell.line(shell.say("answer.key_released", stage=args.stage))
    shell.answer({"ok": True, "lot": args.lot, "stage": args.stage})
    return OK


def _keys(args: argparse.Namespace, shell: Shell) -> KeyFile:
    return read_key_file(read_text(args.key_file), shell.secret("GONGXIN_PASSPHRASE", "answer.passphrase"))
