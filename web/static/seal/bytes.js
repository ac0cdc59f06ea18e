// Bytes, texts and the one spelling of JSON.

export const utf8 = (text) => new TextEncoder().encode(text);
export const hex = (bytes) => Array.from(bytes, (b) => b.toString(16).padStart(2, "0")).join("");
export const isHex = (text, size) => typeof text === "string" && text.length === 2 * size && /^[0-9a-f]*$/.test(text);
export const unhex = (text) => Uint8Array.from(text.match(/../g) ?? [], (pair) => parseInt(pair, 16));
export const systemRandom = (size) => crypto.getRandomValues(new Uint8Array(size));

export function concat(...parts) {
  const out = new Uint8Array(parts.reduce((sum, part) => sum + part.length, 0));
  let at = 0;
  for (const part of parts) {
    out.set(part, at);
    at += part.length;
  }
  return out;
}

export function u32(number) {
  const out = new Uint8Array(4);
  new DataView(out.buffer).setUint32(0, number);
  return out;
}

/** JSON as UTF-8 with sorted keys and no spaces. Whole numbers only: TypeError for any other, and for broken characters. */
export const canonical = (value) => utf8(spell(value));

function spell(value) {
  if (Array.isArray(value)) return `[${value.map(spell).join(",")}]`;
  if (value !== null && typeof value === "object") {
    const keys = Object.keys(value).sort(byCodePoint);
    return `{${keys.map((key) => `${spell(key)}:${spell(value[key])}`).join(",")}}`;
  }
  if (typeof value === "number" && !Number.isSafeInteger(value)) throw new TypeError("only whole numbers");
  if (typeof value === "string" && /[\ud800-\udfff]/u.test(value)) throw new TypeError("a lone surrogate is no character");
  if (!["string", "number", "boolean"].includes(typeof value) && value !== null) throw new TypeError("not a JSON value");
  return JSON.stringify(value);
}

function byCodePoint(a, b) {
  const left = Array.from(a, (c) => c.codePointAt(0)), right = Array.from(b, (c) => c.codePointAt(0));
  for (let i = 0; i < Math.min(left.length, right.length); i++) if (left[i] !== right[i]) return left[i] - right[i];
  return left.length - right.length;
}
