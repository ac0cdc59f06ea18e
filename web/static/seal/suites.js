// The plug point for ciphers, as in trading_core/adapters/crypto/suites.py: what sealing and trustees need of it.
//
// A suite has: id, streamKeySize, hash(bytes), kdf(secret, info, length), privateFromSeed(48 bytes), publicFromPrivate(private),
// isPublic(point), async shareSeal(public, info, plaintext, ephemeral), async shareOpen(private, info, sealed),
// async chunkCipher(key) giving an async encrypt(nonce, plaintext, aad) that returns text and tag.

import { GM_1 } from "./gm.js";
import { INTL_1 } from "./intl.js";
import { Refused } from "./refused.js";

export const SUITES = new Map([INTL_1, GM_1].map((suite) => [suite.id, suite]));

export function suiteOf(id) {
  const known = [...SUITES.keys()].sort().join(", ");
  if (!SUITES.has(id)) throw new Refused({ code: "sealing.suite_unknown", path: "suite", params: { known } });
  return SUITES.get(id);
}
