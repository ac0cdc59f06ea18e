// scrypt (RFC 7914) with p = 1, which browsers do not have: a passphrase is guessed only at the price of memory.

import { hmac } from "./blockhash.js";
import { concat, u32 } from "./bytes.js";
import { Sha256 } from "./sha256.js";

/** `size` bytes from a passphrase. Takes 128·r·n bytes of memory. */
export function scrypt(passphrase, salt, n, r, size) {
  const bytes = pbkdf2(passphrase, salt, 128 * r), view = new DataView(bytes.buffer), words = new Int32Array(32 * r);
  for (let i = 0; i < words.length; i++) words[i] = view.getInt32(4 * i, true);
  mix(words, n, r);
  words.forEach((word, i) => view.setInt32(4 * i, word, true));
  return pbkdf2(passphrase, bytes, size);
}

/** PBKDF2-HMAC-SHA-256 with one iteration. */
function pbkdf2(passphrase, salt, size) {
  const blocks = Array.from({ length: Math.ceil(size / 32) }, (_, i) => hmac(Sha256, passphrase, salt, u32(i + 1)));
  return concat(...blocks).slice(0, size);
}

function mix(x, n, r) {
  const width = 32 * r, memory = new Int32Array(width * n), scratch = new Int32Array(width);
  for (let i = 0; i < n; i++) {
    memory.set(x, i * width);
    mixBlocks(x, scratch, r);
  }
  for (let i = 0; i < n; i++) {
    const row = (x[width - 16] & (n - 1)) * width;
    for (let k = 0; k < width; k++) x[k] ^= memory[row + k];
    mixBlocks(x, scratch, r);
  }
}

/** Salsa20/8 along the blocks, even ones to the front, odd ones to the back. */
function mixBlocks(x, scratch, r) {
  const t = new Int32Array(x.subarray(32 * r - 16));
  for (let i = 0; i < 2 * r; i++) {
    for (let k = 0; k < 16; k++) t[k] ^= x[16 * i + k];
    salsa(t);
    scratch.set(t, 16 * ((i >> 1) + (i & 1 ? r : 0)));
  }
  x.set(scratch);
}

function salsa(t) {
  let [a, b, c, d, e, f, g, h, i, j, k, l, m, n, o, p] = t, x = 0;
  for (let round = 0; round < 4; round++) {
    x = (a + m) | 0; e ^= (x << 7) | (x >>> 25); x = (e + a) | 0; i ^= (x << 9) | (x >>> 23);
    x = (i + e) | 0; m ^= (x << 13) | (x >>> 19); x = (m + i) | 0; a ^= (x << 18) | (x >>> 14);
    x = (f + b) | 0; j ^= (x << 7) | (x >>> 25); x = (j + f) | 0; n ^= (x << 9) | (x >>> 23);
    x = (n + j) | 0; b ^= (x << 13) | (x >>> 19); x = (b + n) | 0; f ^= (x << 18) | (x >>> 14);
    x = (k + g) | 0; o ^= (x << 7) | (x >>> 25); x = (o + k) | 0; c ^= (x << 9) | (x >>> 23);
    x = (c + o) | 0; g ^= (x << 13) | (x >>> 19); x = (g + c) | 0; k ^= (x << 18) | (x >>> 14);
    x = (p + l) | 0; d ^= (x << 7) | (x >>> 25); x = (d + p) | 0; h ^= (x << 9) | (x >>> 23);
    x = (h + d) | 0; l ^= (x << 13) | (x >>> 19); x = (l + h) | 0; p ^= (x << 18) | (x >>> 14);
    x = (a + d) | 0; b ^= (x << 7) | (x >>> 25); x = (b + a) | 0; c ^= (x << 9) | (x >>> 23);
    x = (c + b) | 0; d ^= (x << 13) | (x >>> 19); x = (d + c) | 0; a ^= (x << 18) | (x >>> 14);
    x = (f + e) | 0; g ^= (x << 7) | (x >>> 25); x = (g + f) | 0; h ^= (x << 9) | (x >>> 23);
    x = (h + g) | 0; e ^= (x << 13) | (x >>> 19); x = (e + h) | 0; f ^= (x << 18) | (x >>> 14);
    x = (k + j) | 0; l ^= (x << 7) | (x >>> 25); x = (l + k) | 0; i ^= (x << 9) | (x >>> 23);
    x = (i + l) | 0; j ^= (x << 13) | (x >>> 19); x = (j + i) | 0; k ^= (x << 18) | (x >>> 14);
    x = (p + o) | 0; m ^= (x << 7) | (x >>> 25); x = (m + p) | 0; n ^= (x << 9) | (x >>> 23);
    x = (n + m) | 0; o ^= (x << 13) | (x >>> 19); x = (o + n) | 0; p ^= (x << 18) | (x >>> 14);
  }
  t[0] += a; t[1] += b; t[2] += c; t[3] += d; t[4] += e; t[5] += f; t[6] += g; t[7] += h;
  t[8] += i; t[9] += j; t[10] += k; t[11] += l; t[12] += m; t[13] += n; t[14] += o; t[15] += p;
}
