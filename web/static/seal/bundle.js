// What lies inside an envelope (GXB1), with the same limits as the reader at the opening: a bid must fail here, not there.

import { canonical, concat, hex, isHex, systemRandom, u32, unhex, utf8 } from "./bytes.js";
import { refuseIf, Refused } from "./refused.js";
import { Sha256 } from "./sha256.js";

const PIECE = 1 << 20, MANIFEST_MAX = 1 << 20, FILES_MAX = 200, FILE_NAME_MAX = 240, NAME_MAX = 200;
const FORM_MAX = 10_000, FORM_DEPTH = 8, FORM_NAME_MAX = 100, FORM_TEXT_MAX = 4_000;
const UNSAFE = /[\x00-\x1f\x7f-\x9f/\\<>:"|?*\u200b-\u200f\u2028-\u202e\u2060-\u206f\ufeff\ud800-\udfff]|^[. ]|[. ]$/u;
const length = (text) => [...text].length;

/** 32 bytes that hide whose bid it is, as hex. */
export const newSalt = (random = systemRandom) => hex(random(32));

/** SHA-256(salt ‖ uscc ‖ name): what the platform keeps of the bidder until the opening. */
export const identityCommitment = ({ uscc, name, salt }) =>
  hex(new Sha256().update(concat(unhex(salt), utf8(uscc), utf8(name))).digest());

/**
 * Bundle files [{name, blob}], the identity {uscc, name, salt} (first envelope only) and the bid form (JSON, whole numbers, money in
 * fen) into one Blob to seal. `progress` is told the bytes read so far. Returns {blob, manifest}.
 */
export async function bundle({ files = [], identity, form, progress = () => {} }) {
  const manifest = { files: files.map(({ name, blob }) => ({ name: name.normalize("NFC"), size: blob.size, sha256: "" })) };
  if (identity) manifest.identity = { uscc: identity.uscc, name: identity.name, salt: identity.salt };
  if (form) manifest.form = form;
  refuseIf(problems(manifest));
  let done = 0;
  for (const [i, { blob }] of files.entries()) {
    const hash = new Sha256();
    for (let at = 0; at < blob.size; at += PIECE) {
      const bytes = new Uint8Array(await blob.slice(at, at + PIECE).arrayBuffer());
      hash.update(bytes);
      progress((done += bytes.length));
    }
    manifest.files[i].sha256 = hex(hash.digest());
  }
  const raw = canonical(manifest);
  if (raw.length > MANIFEST_MAX) {
    throw new Refused({ code: "bundle.manifest_too_large", params: { maximum: MANIFEST_MAX, size: raw.length } });
  }
  return { blob: new Blob([utf8("GXB1"), u32(raw.length), raw, ...files.map(({ blob }) => blob)]), manifest };
}

function problems({ files, identity, form }) {
  const wrong = [], seen = new Set();
  if (files.length > FILES_MAX) {
    wrong.push({ code: "bundle.too_many_files", path: "files", params: { maximum: FILES_MAX, count: files.length } });
  }
  files.forEach(({ name }, i) => {
    if (!name || utf8(name).length > FILE_NAME_MAX || UNSAFE.test(name)) {
      wrong.push({ code: "bundle.name_unsafe", path: `files.${i}.name`, params: { maximum: FILE_NAME_MAX } });
    }
    const plain = name.toLowerCase();
    if (seen.has(plain)) wrong.push({ code: "bundle.name_twice", path: `files.${i}.name` });
    seen.add(plain);
  });
  if (identity && !isIdentity(identity)) wrong.push({ code: "bundle.identity_malformed", path: "identity" });
  if (form !== undefined && !isForm(form)) wrong.push({ code: "bundle.form_malformed", path: "form", params: { values: FORM_MAX, depth: FORM_DEPTH, name: FORM_NAME_MAX, text: FORM_TEXT_MAX } });
  return wrong;
}

function isIdentity({ uscc, name, salt }) {
  const named = typeof name === "string" && name && length(name) <= NAME_MAX && !/[\x00-\x1f\x7f\ud800-\udfff]/u.test(name);
  return /^[0-9A-Z]{18}$/.test(uscc) && named && isHex(salt, 32);
}

/** What the platform can open and record (docs/formats-sealed.md §4). */
function isForm(form) {
  const plain = (text, maximum) => length(text) <= maximum && !/[\x00-\x08\x0b-\x1f\x7f\ud800-\udfff]/u.test(text);
  const nests = (value) => typeof value === "object" && value !== null;
  const holds = (value) => nests(value) || value === null || typeof value === "boolean" || Number.isSafeInteger(value)
    || (typeof value === "string" && plain(value, FORM_TEXT_MAX));
  if (!nests(form) || Array.isArray(form)) return false;
  let level = [form], values = 0;
  for (let depth = 0; depth < FORM_DEPTH; depth++) {
    if (!level.filter((v) => !Array.isArray(v)).every((v) => Object.keys(v).every((name) => name && plain(name, FORM_NAME_MAX)))) return false;
    const inner = level.flatMap((v) => Object.values(v));
    values += inner.length;
    if (values > FORM_MAX || !inner.every(holds)) return false;
    level = inner.filter(nests);
  }
  return level.length === 0;
}
