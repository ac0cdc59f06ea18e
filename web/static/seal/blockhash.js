// What SHA-256 and SM3 share: blocks of 64 bytes, eight words of state, length at the end; and HMAC and HKDF over either.

import { concat } from "./bytes.js";

export class BlockHash {
  constructor(initial) {
    this.state = Int32Array.from(initial);
    this.block = new Uint8Array(64);
    this.filled = 0;
    this.size = 0;
  }

  update(bytes) {
    let at = 0;
    this.size += bytes.length;
    if (this.filled) {
      at = Math.min(64 - this.filled, bytes.length);
      this.block.set(bytes.subarray(0, at), this.filled);
      this.filled += at;
      if (this.filled < 64) return this;
      this.compress(this.block, 0);
      this.filled = 0;
    }
    for (; at + 64 <= bytes.length; at += 64) this.compress(bytes, at);
    this.block.set(bytes.subarray(at));
    this.filled = bytes.length - at;
    return this;
  }

  /** 32 bytes. The hash can not be used any further. */
  digest() {
    const tail = new Uint8Array(this.filled < 56 ? 64 : 128), view = new DataView(tail.buffer);
    tail.set(this.block.subarray(0, this.filled));
    tail[this.filled] = 0x80;
    view.setBigUint64(tail.length - 8, BigInt(this.size) * 8n);
    for (let at = 0; at < tail.length; at += 64) this.compress(tail, at);
    const out = new Uint8Array(32);
    this.state.forEach((word, i) => new DataView(out.buffer).setInt32(4 * i, word));
    return out;
  }
}

export function hmac(Hash, key, ...data) {
  const padded = new Uint8Array(64);
  padded.set(key.length > 64 ? new Hash().update(key).digest() : key);
  const inner = new Hash().update(padded.map((b) => b ^ 0x36));
  for (const part of data) inner.update(part);
  return new Hash().update(padded.map((b) => b ^ 0x5c)).update(inner.digest()).digest();
}

/** HKDF (RFC 5869) without salt. */
export function hkdf(Hash, secret, info, length) {
  const key = hmac(Hash, new Uint8Array(32), secret);
  let out = new Uint8Array(0), last = out;
  for (let i = 1; out.length < length; i++) {
    last = hmac(Hash, key, last, info, Uint8Array.of(i));
    out = concat(out, last);
  }
  return out.subarray(0, length);
}
