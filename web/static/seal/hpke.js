// HPKE (RFC 9180) base mode, DHKEM(P-256, HKDF-SHA256), HKDF-SHA256, over the browser's ECDH.

import { hmac } from "./blockhash.js";
import { concat, utf8 } from "./bytes.js";
import { P256 } from "./curve.js";
import { subtle } from "./refused.js";
import { Sha256 } from "./sha256.js";

const KEM_ID = Uint8Array.of(0, 16), KDF_ID = Uint8Array.of(0, 1), EMPTY = new Uint8Array(0);
const LAST = P256.n - 1n;
export const AES_128_GCM = { id: Uint8Array.of(0, 1), keySize: 16 };
export const AES_256_GCM = { id: Uint8Array.of(0, 2), keySize: 32 };

export const privateKey = (seed) => P256.scalar(seed, LAST);
export const publicKey = (scalar) => P256.publicKey(scalar, LAST);

/** enc ‖ ciphertext. ephemeral: a private key used for this one message. */
export async function seal(recipient, info, plaintext, ephemeral) {
  const { shared, enc } = await encapsulate(recipient, ephemeral);
  const { key, nonce } = keySchedule(shared, info, AES_256_GCM);
  return concat(enc, await crypt("encrypt", key, nonce, plaintext));
}

/** Rejects when it was not sealed for this key and info, or was changed. */
export async function open(scalar, info, sealed) {
  const { key, nonce } = keySchedule(await decapsulate(sealed.subarray(0, 65), scalar), info, AES_256_GCM);
  return crypt("decrypt", key, nonce, sealed.subarray(65));
}

export async function encapsulate(recipient, ephemeral) {
  const enc = publicKey(ephemeral);
  return { shared: kemSecret(await exchange(ephemeral, recipient), enc, recipient), enc };
}

export async function decapsulate(enc, scalar) {
  return kemSecret(await exchange(scalar, enc), enc, publicKey(scalar));
}

export function keySchedule(shared, info, aead) {
  const suite = concat(utf8("HPKE"), KEM_ID, KDF_ID, aead.id);
  const context = concat(Uint8Array.of(0), extract(EMPTY, suite, "psk_id_hash", EMPTY), extract(EMPTY, suite, "info_hash", info));
  const secret = extract(shared, suite, "secret", EMPTY);
  return { key: expand(secret, suite, "key", context, aead.keySize), nonce: expand(secret, suite, "base_nonce", context, 12) };
}

function kemSecret(secret, enc, recipient) {
  const suite = concat(utf8("KEM"), KEM_ID);
  return expand(extract(EMPTY, suite, "eae_prk", secret), suite, "shared_secret", concat(enc, recipient), 32);
}

async function exchange(scalar, point) {
  P256.decode(point);
  const curve = { name: "ECDH", namedCurve: "P-256" }, own = publicKey(scalar);
  // A private key without its public half is not understood by every browser, so both are given.
  const jwk = { kty: "EC", crv: "P-256", d: base64url(scalar), x: base64url(own.subarray(1, 33)), y: base64url(own.subarray(33)) };
  const mine = await subtle().importKey("jwk", jwk, curve, false, ["deriveBits"]);
  const theirs = await subtle().importKey("raw", point, curve, false, []);
  return new Uint8Array(await subtle().deriveBits({ name: "ECDH", public: theirs }, mine, 256));
}

async function crypt(way, rawKey, iv, data) {
  const key = await subtle().importKey("raw", rawKey, "AES-GCM", false, [way]);
  return new Uint8Array(await subtle()[way]({ name: "AES-GCM", iv }, key, data));
}

const base64url = (bytes) => btoa(String.fromCharCode(...bytes)).replace(/\+/g, "-").replace(/\//g, "_").replace(/=+$/, "");
const extract = (salt, suite, label, secret) => hmac(Sha256, salt, utf8("HPKE-v1"), suite, utf8(label), secret);

/** One block is enough: nothing here is longer than 32 bytes. */
const expand = (key, suite, label, info, length) =>
  hmac(Sha256, key, Uint8Array.of(0, length), utf8("HPKE-v1"), suite, utf8(label), info, Uint8Array.of(1)).subarray(0, length);
