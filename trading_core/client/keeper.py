"""A trustee's own computer: derives one-time keys from the master secret, rehearses them, hands one in at the opening."""
from __future__ import annotations

from ..adapters.crypto.keyfile import KeyFile
from ..adapters.crypto.trustees import OneTimeKey, answer_rehearsal, one_time_key
from .notice import Notice, known_stage, read_notice
from .remote import Remote


def key_of(keys: KeyFile, notice: Notice, stage: str) -> OneTimeKey:
    """The one-time key of a stage."""
    return one_time_key(keys.master, notice.slot(known_stage(notice, stage)), notice.suite)


def register(remote: Remote, keys: KeyFile, lot: str) -> list[str]:
    """Register the public key of every stage that is not rehearsed yet, and answer its rehearsal. Returns these stages."""
    done = []
    for stage in read_notice(remote, lot).stages:
        notice = read_notice(remote, lot)
        if (stage, keys.trustee) in notice.rehearsed:
            continue
        key = key_of(keys, notice, stage)
        if notice.keys.get(stage, {}).get(keys.trustee) != key.public:
            remote.act(lot, "register_trustee_key", stage=stage, public_key=key.public.hex())
            notice = read_notice(remote, lot)
        challenge = notice.challenges[stage][keys.trustee]
        answer = answer_rehearsal(key.private, challenge, keys.trustee, notice.slot(stage), notice.suite)
        remote.act(lot, "rehearse_trustee_key", stage=stage, answer=answer)
        done.append(stage)
    return done


def release(remote: Remote, keys: KeyFile, lot: str, stage: str) -> None:
    """Hand in the private key of a stage. Anyone can then open its envelopes: there is no way back."""
    notice = read_notice(remote, lot)
    remote.act(lot, "release_key", stage=stage, private_key=key_of(keys, notice, stage).private.hex())
