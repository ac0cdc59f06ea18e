// The two curves, both y² = x³ - 3x + b over a prime field. BigInt: right, not quick, and its time depends on the numbers; used
// for one-time keys on the owner's own machine, where nobody measures.

import { concat } from "./bytes.js";

const toNumber = (bytes) => bytes.reduce((n, b) => (n << 8n) | BigInt(b), 0n);
const toBytes = (n) => Uint8Array.from({ length: 32 }, (_, i) => Number((n >> BigInt(8 * (31 - i))) & 255n));

class Curve {
  constructor(p, b, n, x, y) {
    Object.assign(this, { p, b, n, base: [x, y] });
  }

  /** The private key of a 48-byte secret, in 1 .. limit (FIPS 186-5 A.2.1). */
  scalar(seed, limit) {
    return toBytes((toNumber(seed) % limit) + 1n);
  }

  /** Uncompressed public key of a 32-byte scalar. RangeError when it is none. */
  publicKey(scalar, limit) {
    return this.times(scalar, this.encode(this.base), limit);
  }

  /** scalar times point, both ways as bytes. RangeError for no scalar or a point that is not on the curve. */
  times(scalar, point, limit) {
    const k = toNumber(scalar);
    if (scalar.length !== 32 || k < 1n || k > limit) throw new RangeError("not a private key");
    const q = [...this.decode(point), 1n];
    let total = [1n, 1n, 0n];
    for (const bit of k.toString(2)) {
      total = this.double(total);
      if (bit === "1") total = this.add(total, q);
    }
    return this.encode(this.affine(total));
  }

  encode([x, y]) {
    return concat(Uint8Array.of(4), toBytes(x), toBytes(y));
  }

  decode(bytes) {
    const x = toNumber(bytes.subarray(1, 33)), y = toNumber(bytes.subarray(33));
    const off = bytes.length !== 65 || bytes[0] !== 4 || x >= this.p || y >= this.p;
    if (off || (y * y - x * x * x + 3n * x - this.b) % this.p) throw new RangeError("not a point on the curve");
    return [x, y];
  }

  has(bytes) {
    try {
      return Boolean(this.decode(bytes));
    } catch {
      return false;
    }
  }

  mod(n) {
    const rest = n % this.p;
    return rest < 0n ? rest + this.p : rest;
  }

  double([x, y, z]) {
    const d = this.mod(z * z), g = this.mod(y * y), b = this.mod(x * g), a = this.mod(3n * (x - d) * (x + d));
    const x3 = this.mod(a * a - 8n * b);
    return [x3, this.mod(a * (4n * b - x3) - 8n * g * g), this.mod(2n * y * z)];
  }

  /** q has z = 1. */
  add(t, q) {
    const [x, y, z] = t;
    if (!z) return q;
    const zz = this.mod(z * z), h = this.mod(q[0] * zz - x), r = this.mod(q[1] * z * zz - y);
    if (!h) return r ? [1n, 1n, 0n] : this.double(t);
    const hh = this.mod(h * h), hhh = this.mod(h * hh), v = this.mod(x * hh), x3 = this.mod(r * r - hhh - 2n * v);
    return [x3, this.mod(r * (v - x3) - y * hhh), this.mod(z * h)];
  }

  affine([x, y, z]) {
    const inverse = this.inverse(z), square = this.mod(inverse * inverse);
    return [this.mod(x * square), this.mod(y * square * inverse)];
  }

  inverse(n) {
    let [a, b, u, v] = [this.mod(n), this.p, 1n, 0n];
    while (a > 1n) {
      const q = b / a;
      [a, b, u, v] = [b - q * a, a, v - q * u, u];
    }
    return this.mod(u);
  }
}

export const P256 = new Curve(
  0xffffffff00000001000000000000000000000000ffffffffffffffffffffffffn,
  0x5ac635d8aa3a93e7b3ebbd55769886bc651d06b0cc53b0f63bce3c3e27d2604bn,
  0xffffffff00000000ffffffffffffffffbce6faada7179e84f3b9cac2fc632551n,
  0x6b17d1f2e12c4247f8bce6e563a440f277037d812deb33a0f4a13945d898c296n,
  0x4fe342e2fe1a7f9b8ee7eb4a7c0f9e162bce33576b315ececbb6406837bf51f5n,
);

export const SM2 = new Curve(
  0xfffffffeffffffffffffffffffffffffffffffff00000000ffffffffffffffffn,
  0x28e9fa9e9d9f5e344d5a9e4bcf6509a7f39789f515ab8f92ddbcbd414d940e93n,
  0xfffffffeffffffffffffffffffffffff7203df6b21c6052b53bbf40939d54123n,
  0x32c4ae2c1f1981195f9904466a39c9948fe30bbff2660be1715a4589334c74c7n,
  0xbc3736a2f4f6779c59bdcee36b692153d0a9877cc62a474002df32e52139f0a0n,
);
