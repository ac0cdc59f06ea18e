// SM4 (GB/T 32907) in Galois/counter mode (RFC 8998).

import { unhex } from "./bytes.js";

const SBOX = unhex(
  "d690e9fecce13db716b614c228fb2c052b679a762abe04c3aa441326498606999c4250f491ef987a33540b43edcfac62" +
  "e4b31ca9c908e89580df94fa758f3fa64707a7fcf37317ba83593c19e6854fa8686b81b27164da8bf8eb0f4b70569d35" +
  "1e240e5e6358d1a225227c3b01217887d40046579fd327524c3602e7a0c4c89eeabf8ad240c738b5a3f7f2cef96115a1" +
  "e0ae5da49b341a55ad933230f58cb1e31df6e22e8266ca60c02923ab0d534e6fd5db3745defd8e2f03ff6a726d6c5b51" +
  "8d1baf92bbddbc7f11d95c411f105ad80ac13188a5cd7bbd2d74d012b8e5b4b08969974a0c96777e65b9f109c56ec684" +
  "18f07dec3adc4d2079ee5f3ed7cb3948",
);
const FK = [0xa3b1bac6, 0x56aa3350, 0x677d9197, 0xb27022dc];
const rotl = (x, n) => (x << n) | (x >>> (32 - n));

// Substitution and diffusion of a round in one table for each byte of the word.
const TABLES = [24, 16, 8, 0].map((shift) => Int32Array.from(SBOX, (s) => {
  const b = s << shift;
  return b ^ rotl(b, 2) ^ rotl(b, 10) ^ rotl(b, 18) ^ rotl(b, 24);
}));

// What eight bits pushed out of a GHASH word come back as, in its upper half.
const REDUCTION = Uint32Array.from({ length: 256 }, (_, i) => {
  let top = 0, low = i;
  for (let n = 0; n < 8; n++) {
    const bit = low & 1;
    low >>>= 1;
    top = (top >>> 1) ^ (bit ? 0xe1000000 : 0);
  }
  return top;
});

function expandKey(key) {
  const view = new DataView(key.buffer, key.byteOffset, 16), words = FK.map((f, i) => view.getUint32(4 * i) ^ f);
  return Int32Array.from({ length: 32 }, (_, i) => {
    const ck = [0, 1, 2, 3].reduce((word, j) => (word << 8) | ((7 * (4 * i + j)) & 255), 0);
    const x = words[1] ^ words[2] ^ words[3] ^ ck;
    const s = (SBOX[x >>> 24] << 24) | (SBOX[(x >>> 16) & 255] << 16) | (SBOX[(x >>> 8) & 255] << 8) | SBOX[x & 255];
    words.push(words.shift() ^ s ^ rotl(s, 13) ^ rotl(s, 23));
    return words[3];
  });
}

export class Sm4Gcm {
  constructor(key) {
    this.roundKeys = expandKey(key);
    this.out = new Int32Array(4);
    this.block(0, 0, 0, 0);
    this.table = hashTable(this.out);
  }

  /** Text ‖ tag of 16 bytes. nonce: 12 bytes, never twice under a key. */
  encrypt(nonce, plaintext, aad) {
    const sealed = new Uint8Array(plaintext.length + 16);
    this.counter(nonce, plaintext, sealed);
    sealed.set(this.tag(nonce, aad, sealed.subarray(0, plaintext.length)), plaintext.length);
    return sealed;
  }

  /** RangeError when anything differs from what was sealed. */
  decrypt(nonce, sealed, aad) {
    if (sealed.length < 16) throw new RangeError("too short");
    const text = sealed.subarray(0, sealed.length - 16), tag = this.tag(nonce, aad, text);
    if (tag.reduce((sum, b, i) => sum | (b ^ sealed[text.length + i]), 0)) throw new RangeError("does not open");
    const plaintext = new Uint8Array(text.length);
    this.counter(nonce, text, plaintext);
    return plaintext;
  }

  /** Encrypts four words into `this.out`. */
  block(a, b, c, d) {
    const [t0, t1, t2, t3] = TABLES, keys = this.roundKeys;
    for (let i = 0; i < 32; i++) {
      const x = b ^ c ^ d ^ keys[i];
      const e = a ^ t0[x >>> 24] ^ t1[(x >>> 16) & 255] ^ t2[(x >>> 8) & 255] ^ t3[x & 255];
      a = b; b = c; c = d; d = e;
    }
    this.out[0] = d; this.out[1] = c; this.out[2] = b; this.out[3] = a;
  }

  counter(nonce, from, to) {
    const view = new DataView(nonce.buffer, nonce.byteOffset, 12), out = this.out;
    const a = view.getInt32(0), b = view.getInt32(4), c = view.getInt32(8);
    for (let at = 0, n = 2; at < from.length; at += 16, n++) {
      this.block(a, b, c, n);
      const end = Math.min(16, from.length - at);
      for (let i = 0; i < end; i++) to[at + i] = from[at + i] ^ (out[i >> 2] >>> (24 - 8 * (i & 3)));
    }
  }

  tag(nonce, aad, text) {
    const state = new Uint32Array(4), lengths = new DataView(new ArrayBuffer(16)), tag = new DataView(new ArrayBuffer(16));
    lengths.setBigUint64(0, BigInt(aad.length) * 8n);
    lengths.setBigUint64(8, BigInt(text.length) * 8n);
    for (const part of [aad, text, new Uint8Array(lengths.buffer)]) hashInto(state, this.table, part);
    const view = new DataView(nonce.buffer, nonce.byteOffset, 12);
    this.block(view.getInt32(0), view.getInt32(4), view.getInt32(8), 1);
    state.forEach((word, i) => tag.setUint32(4 * i, word ^ this.out[i]));
    return new Uint8Array(tag.buffer);
  }
}

/** All products of one byte with the hash key, four words each. */
function hashTable(key) {
  const table = new Uint32Array(1024);
  table.set(key, 4 * 128);
  for (let i = 64; i; i >>= 1) {
    const [a, b, c, d] = table.subarray(8 * i, 8 * i + 4);
    table.set([(a >>> 1) ^ (d & 1 ? 0xe1000000 : 0), (b >>> 1) | (a << 31), (c >>> 1) | (b << 31), (d >>> 1) | (c << 31)], 4 * i);
  }
  for (let i = 2; i < 256; i <<= 1) {
    for (let j = 1; j < i; j++) for (let w = 0; w < 4; w++) table[4 * (i + j) + w] = table[4 * i + w] ^ table[4 * j + w];
  }
  return table;
}

function hashInto(state, table, bytes) {
  const block = new Uint8Array(16);
  let [a, b, c, d] = state;
  for (let at = 0; at < bytes.length; at += 16) {
    for (let i = 0; i < 16; i++) block[i] = at + i < bytes.length ? bytes[at + i] : 0;
    for (let i = 0; i < 4; i++) {
      const shift = 24 - 8 * i;
      block[i] ^= a >>> shift; block[4 + i] ^= b >>> shift; block[8 + i] ^= c >>> shift; block[12 + i] ^= d >>> shift;
    }
    a = b = c = d = 0;
    for (let i = 15; i >= 0; i--) {
      const back = REDUCTION[d & 255], row = 4 * block[i];
      d = ((d >>> 8) | (c << 24)) ^ table[row + 3];
      c = ((c >>> 8) | (b << 24)) ^ table[row + 2];
      b = ((b >>> 8) | (a << 24)) ^ table[row + 1];
      a = (a >>> 8) ^ back ^ table[row];
    }
  }
  state.set([a, b, c, d]);
}
