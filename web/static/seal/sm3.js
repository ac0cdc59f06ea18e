// SM3 (GB/T 32905).

import { BlockHash } from "./blockhash.js";

const INITIAL = [0x7380166f, 0x4914b2b9, 0x172442d7, 0xda8a0600, 0xa96f30bc, 0x163138aa, 0xe38dee4d, 0xb0fb0e4e];
const rotl = (x, n) => (x << n) | (x >>> (32 - n));
const T = Int32Array.from({ length: 64 }, (_, i) => rotl(i < 16 ? 0x79cc4519 : 0x7a879d8a, i % 32));
const W = new Int32Array(68);

export class Sm3 extends BlockHash {
  constructor() {
    super(INITIAL);
  }

  compress(bytes, at) {
    for (let i = 0; i < 16; i++, at += 4) W[i] = (bytes[at] << 24) | (bytes[at + 1] << 16) | (bytes[at + 2] << 8) | bytes[at + 3];
    for (let i = 16; i < 68; i++) {
      const x = W[i - 16] ^ W[i - 9] ^ rotl(W[i - 3], 15);
      W[i] = x ^ rotl(x, 15) ^ rotl(x, 23) ^ rotl(W[i - 13], 7) ^ W[i - 6];
    }
    const s = this.state;
    let a = s[0], b = s[1], c = s[2], d = s[3], e = s[4], f = s[5], g = s[6], h = s[7];
    for (let i = 0; i < 64; i++) {
      const a12 = rotl(a, 12), ss1 = rotl((a12 + e + T[i]) | 0, 7);
      const ff = i < 16 ? a ^ b ^ c : (a & b) | (a & c) | (b & c);
      const gg = i < 16 ? e ^ f ^ g : (e & f) | (~e & g);
      const tt1 = (ff + d + (ss1 ^ a12) + (W[i] ^ W[i + 4])) | 0, tt2 = (gg + h + ss1 + W[i]) | 0;
      d = c; c = rotl(b, 9); b = a; a = tt1;
      h = g; g = rotl(f, 19); f = e; e = tt2 ^ rotl(tt2, 9) ^ rotl(tt2, 17);
    }
    s[0] ^= a; s[1] ^= b; s[2] ^= c; s[3] ^= d; s[4] ^= e; s[5] ^= f; s[6] ^= g; s[7] ^= h;
  }
}
