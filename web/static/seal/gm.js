// gm-1 (国密): SM3, HKDF over HMAC-SM3, SM2 key encapsulation, SM4-GCM; all of it here, so that it needs nothing of the browser.

import { hkdf } from "./blockhash.js";
import { concat, u32 } from "./bytes.js";
import { SM2 } from "./curve.js";
import { Sm3 } from "./sm3.js";
import { Sm4Gcm } from "./sm4.js";

const LAST = SM2.n - 2n; // GB/T 32918.1 forbids n-1

export const sm3 = (bytes) => new Sm3().update(bytes).digest();
export const publicKey = (scalar) => SM2.publicKey(scalar, LAST);

/** {c1, secret: x2 ‖ y2} of GB/T 32918.4 §6.1. */
export function encapsulate(recipient, ephemeral) {
  return { c1: publicKey(ephemeral), secret: SM2.times(ephemeral, recipient, LAST).subarray(1) };
}

/** The key derivation function of GB/T 32918.4 §5.4.3. */
export function derive(secret, length) {
  let out = new Uint8Array(0);
  for (let i = 1; out.length < length; i++) out = concat(out, sm3(concat(secret, u32(i))));
  return out.subarray(0, length);
}

function shareCipher(secret, c1, recipient, info) {
  const material = derive(concat(secret, c1, recipient, sm3(info)), 28);
  return { cipher: new Sm4Gcm(material.subarray(0, 16)), nonce: material.subarray(16) };
}

export const GM_1 = {
  id: "gm-1",
  streamKeySize: 16,
  hash: sm3,
  kdf: (secret, info, length = 32) => hkdf(Sm3, secret, info, length),
  privateFromSeed: (seed) => SM2.scalar(seed, LAST),
  publicFromPrivate: publicKey,
  isPublic: (point) => SM2.has(point),

  async shareSeal(recipient, info, plaintext, ephemeral) {
    const { c1, secret } = encapsulate(recipient, ephemeral);
    const { cipher, nonce } = shareCipher(secret, c1, recipient, info);
    return concat(c1, cipher.encrypt(nonce, plaintext, new Uint8Array(0)));
  },

  async shareOpen(scalar, info, sealed) {
    const c1 = sealed.subarray(0, 65), secret = SM2.times(scalar, c1, LAST).subarray(1);
    const { cipher, nonce } = shareCipher(secret, c1, publicKey(scalar), info);
    return cipher.decrypt(nonce, sealed.subarray(65), new Uint8Array(0));
  },

  async chunkCipher(key) {
    const cipher = new Sm4Gcm(key);
    return async (nonce, plaintext, aad) => cipher.encrypt(nonce, plaintext, aad);
  },
};
