// A trustee's one-time keys and rehearsals, as in trading_core/adapters/crypto/trustees.py.

import { canonical, concat, hex, isHex, systemRandom, unhex } from "./bytes.js";
import { Refused } from "./refused.js";
import { Sha256 } from "./sha256.js";
import { suiteOf } from "./suites.js";

/** A fresh master secret as hex. It belongs into a key file and nowhere else. */
export const newMaster = (random = systemRandom) => hex(random(32));

/** {private, public} of a slot {lot, attempt, stage}: the same from the same master, wherever it is derived. */
export function oneTimeKey(master, slot, suiteId) {
  if (!isHex(master, 32)) throw new Refused({ code: "sealing.master_malformed", params: { size: 32 } });
  const suite = suiteOf(suiteId);
  const scalar = suite.privateFromSeed(suite.kdf(unhex(master), label(slot, "one-time key", suiteId), 48));
  return { private: hex(scalar), public: hex(suite.publicFromPrivate(scalar)) };
}

/** The answer to a rehearsal: SHA-256(context ‖ challenge) as hex. */
export async function answerRehearsal({ private: scalar, sealed, trustee, slot, suite }) {
  const context = label(slot, "rehearsal", suite, trustee);
  const challenge = await suiteOf(suite).shareOpen(unhex(scalar), context, unhex(sealed)).catch((error) => {
    throw error instanceof Refused ? error : new Refused({ code: "sealing.rehearsal_failed", path: "sealed", params: { trustee } });
  });
  return hex(new Sha256().update(concat(context, challenge)).digest());
}

const label = ({ lot, attempt, stage }, ...parts) => canonical(["GXT1", ...parts, lot, attempt, stage]);
