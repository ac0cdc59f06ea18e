// intl-1: SHA-256, HKDF-SHA256, HPKE(P-256) and AES-256-GCM.

import { hkdf } from "./blockhash.js";
import { P256 } from "./curve.js";
import * as hpke from "./hpke.js";
import { subtle } from "./refused.js";
import { Sha256 } from "./sha256.js";

export const INTL_1 = {
  id: "intl-1",
  streamKeySize: 32,
  hash: (bytes) => new Sha256().update(bytes).digest(),
  kdf: (secret, info, length = 32) => hkdf(Sha256, secret, info, length),
  privateFromSeed: hpke.privateKey,
  publicFromPrivate: hpke.publicKey,
  isPublic: (point) => P256.has(point),
  shareSeal: hpke.seal,
  shareOpen: hpke.open,

  async chunkCipher(rawKey) {
    const key = await subtle().importKey("raw", rawKey, "AES-GCM", false, ["encrypt"]);
    return async (iv, plaintext, additionalData) =>
      new Uint8Array(await subtle().encrypt({ name: "AES-GCM", iv, additionalData }, key, plaintext));
  },
};
