// Sealing an envelope (GXS1), as in trading_core/adapters/crypto/container.py: the same file key gives the same bytes.

import { canonical, concat, hex, isHex, systemRandom, u32, unhex, utf8 } from "./bytes.js";
import { refuseIf, Refused } from "./refused.js";
import { split } from "./shamir.js";
import { suiteOf } from "./suites.js";

const CHUNK = 1 << 20, TAG = 16, PADDING = 1 << 16, PREFIX = 8, PAYLOAD_MAX = 2 ** 32;
const NAME = /^[a-z][a-z0-9_-]{0,39}$/, LOT = /^[!-~]{1,120}$/, BID = /^[0-9a-f]{32}$/;

/** A fresh id for a bid: the same for all its envelopes, and part of the secret to withdraw it. */
export const newBid = (random = systemRandom) => hex(random(16));

/** Bytes encrypted for a content of `size` bytes. */
export const paddedSize = (size) => Math.ceil((size + PREFIX) / PADDING) * PADDING;

/**
 * Seal `content` (a Blob) so that any `threshold` of the trustees open it. `write` is awaited for the header and every chunk
 * (Uint8Array, its own memory). Returns {header, size}: size is that of the sealed file.
 */
export async function seal({ content, slot, bid, trustees, threshold, suite: suiteId, write, random = systemRandom }) {
  const suite = suiteOf(suiteId), fileKey = random(32);
  const facts = { suite, slot, bid, threshold, payloadSize: paddedSize(content.size), trustees: Object.entries(trustees) };
  refuseIf(problems(facts));
  const header = await makeHeader(fileKey, facts), raw = canonical(header);
  await write(concat(utf8("GXS1"), u32(raw.length), raw));
  const encrypt = await suite.chunkCipher(suite.kdf(fileKey, label(facts, "payload"), suite.streamKeySize));
  const aad = suite.hash(raw), chunks = Math.ceil(facts.payloadSize / CHUNK);
  for (let i = 0; i < chunks; i++) {
    await write(await encrypt(nonce(i, chunks), await plainChunk(content, i, facts.payloadSize), aad));
  }
  return { header, size: 8 + raw.length + facts.payloadSize + TAG * chunks };
}

function problems({ suite, slot, bid, threshold, payloadSize, trustees }) {
  const wrong = [];
  const check = (holds, path, code = "sealing.header_malformed", params = {}) => holds || wrong.push({ code, path, params });
  check(LOT.test(slot.lot), "lot");
  check(Number.isInteger(slot.attempt) && slot.attempt >= 1 && slot.attempt <= 1000, "attempt");
  check(NAME.test(slot.stage), "stage");
  check(BID.test(bid), "bid");
  check(payloadSize <= PAYLOAD_MAX, "payload_size", "sealing.too_large", { maximum: PAYLOAD_MAX });
  const keys = new Set(trustees.map(([, key]) => key)), count = trustees.length;
  check(count >= 3 && count <= 16 && keys.size === count && trustees.every(([name]) => NAME.test(name)), "shares");
  check(threshold >= 2 && threshold < count, "threshold", "sealing.threshold_unsafe", { threshold, trustees: count });
  for (const [trustee, key] of trustees) {
    check(isHex(key, 65) && suite.isPublic(unhex(key)), `shares.${trustee}`, "sealing.bad_public_key", { trustee });
  }
  return wrong;
}

async function makeHeader(fileKey, facts) {
  const { suite, slot, bid, threshold, payloadSize, trustees } = facts, count = trustees.length;
  const commitment = hex(suite.kdf(fileKey, label(facts, "commitment")));
  const values = split(fileKey, threshold, count, suite.kdf(fileKey, label(facts, "shares"), 32 * (threshold - 1)));
  const shares = await Promise.all(trustees.map(async ([trustee, key], i) => {
    const ephemeral = suite.privateFromSeed(suite.kdf(fileKey, label(facts, "ephemeral", trustee, key), 48));
    const info = label(facts, "share", trustee, key, commitment);
    const sealed = await suite.shareSeal(unhex(key), info, concat(Uint8Array.of(i + 1), values[i]), ephemeral);
    return { trustee, public: key, sealed: hex(sealed) };
  }));
  const { lot, attempt, stage } = slot;
  return { suite: suite.id, lot, attempt, stage, bid, payload_size: payloadSize, chunk_size: CHUNK, commitment, threshold, shares };
}

const label = ({ suite, slot, bid }, ...parts) => canonical(["GXS1", suite.id, bid, ...parts, slot.lot, slot.attempt, slot.stage]);

function nonce(chunk, chunks) {
  return concat(new Uint8Array(7), u32(chunk), Uint8Array.of(chunk === chunks - 1 ? 1 : 0));
}

/** Length, content and zeros as one stream; this is its i-th chunk. */
async function plainChunk(content, i, payloadSize) {
  const from = i * CHUNK, plain = new Uint8Array(Math.min(CHUNK, payloadSize - from)), start = i ? 0 : PREFIX;
  if (!i) new DataView(plain.buffer).setBigUint64(0, BigInt(content.size));
  const first = from + start - PREFIX, wanted = Math.max(Math.min(content.size - first, plain.length - start), 0);
  const bytes = new Uint8Array(await content.slice(first, first + wanted).arrayBuffer());
  if (bytes.length !== wanted) throw new Refused({ code: "sealing.source_changed", params: { size: content.size } });
  plain.set(bytes, start);
  return plain;
}
