// Shamir's secret sharing over GF(2^8) with the polynomial of AES, as in trading_core/adapters/crypto/shamir.py.

const POWERS = new Uint8Array(510), LOGS = new Uint8Array(256);
for (let i = 0, x = 1; i < 255; i++) {
  POWERS[i] = POWERS[i + 255] = x;
  LOGS[x] = i;
  x ^= (x << 1) ^ (x & 0x80 ? 0x11b : 0);
}
const times = (a, b) => (a && b ? POWERS[LOGS[a] + LOGS[b]] : 0);

/** Shares for the places 1..count. drawn: secret.length * (threshold - 1) bytes, the coefficients of x^1, then x^2, … */
export function split(secret, threshold, count, drawn) {
  const size = secret.length;
  return Array.from({ length: count }, (_, place) => secret.map((byte, i) => {
    let value = 0;
    for (let k = threshold - 2; k >= 0; k--) value = times(value, place + 1) ^ drawn[k * size + i];
    return times(value, place + 1) ^ byte;
  }));
}
