// Checks receipts and proofs on the reader's own device, by docs/formats.md §2–5. What is read is sent nowhere.

import { canonical, concat, hex, isHex, u32, unhex, utf8 } from "./seal/bytes.js";
import { Sha256 } from "./seal/sha256.js";
import { printing } from "./receipt-paper.js";

const FILE_MAX = 32 << 20;
const ED25519 = 1;

/** A check that does not hold; `say` is the key of its text. */
class Fails extends Error {
  constructor(say, figures = {}) {
    super(say);
    Object.assign(this, { say, figures });
  }
}

const sha256 = (...parts) => parts.reduce((hash, part) => hash.update(part), new Sha256()).digest();
const same = (a, b) => hex(a) === hex(b);
const short = (digest) => `${digest.slice(0, 4)} ${digest.slice(4, 8)}…`;

/** An instant as clocks in China show it, to the millisecond. */
function inChina(text) {
  const at = Date.parse(text);
  return Number.isNaN(at) ? text : new Date(at + 8 * 3600 * 1000).toISOString().slice(0, 23).replace("T", " ");
}

function base64(text) {
  try {
    const bytes = Uint8Array.from(atob(text), (c) => c.charCodeAt(0));
    if (btoa(String.fromCharCode(...bytes)) === text) return bytes;
  } catch {
    // told below
  }
  throw new Fails("unknown");
}

// ------------------------------------------------------------------ formats

/** The leaf of an event: SHA-256(0 ‖ u32be(length of head) ‖ head ‖ public text). */
export function leafOf(entry) {
  const head = canonical({
    at: entry.at, private: entry.commitment, stream: entry.stream, type: entry.type, version: entry.version,
  });
  return sha256(Uint8Array.of(0), u32(head.length), head, utf8(entry.public));
}

/** The root to which an audit path leads [RFC 9162 2.1.3.2]; null when the path has another length than it must. */
export function rootOf(leaf, index, size, path) {
  let at = index, rest = size - 1, hash = leaf;
  for (const beside of path) {
    if (rest === 0) return null;
    if (at % 2 === 1 || at === rest) {
      hash = sha256(Uint8Array.of(1), beside, hash);
      while (at % 2 === 0 && at !== 0) [at, rest] = [at / 2, Math.floor(rest / 2)];
    } else hash = sha256(Uint8Array.of(1), hash, beside);
    [at, rest] = [Math.floor(at / 2), Math.floor(rest / 2)];
  }
  return rest === 0 ? hash : null;
}

/** A verifier key `name+id+base64(algorithm ‖ key)`. */
export function verifierKey(text) {
  const [name, id, ...more] = text.split("+");
  const raw = base64(more.join("+"));
  if (raw.length !== 33 || raw[0] !== ED25519 || keyId(name, raw) !== id) throw new Fails("unknown");
  return { name, id, public: raw.slice(1), text };
}

const keyId = (name, raw) => hex(sha256(utf8(name), Uint8Array.of(10), raw)).slice(0, 8);

/** A signed note: its body, and the signatures under it as {name, id, value}. */
export function note(text) {
  const gap = text.lastIndexOf("\n\n");
  if (gap < 1 || !text.endsWith("\n")) throw new Fails("unknown");
  const signatures = text.slice(gap + 2, -1).split("\n").map((line) => {
    const found = /^— (\S+) (\S+)$/.exec(line);
    if (!found) throw new Fails("unknown");
    const raw = base64(found[2]);
    return { name: found[1], id: hex(raw.slice(0, 4)), value: raw.slice(4) };
  });
  return { body: text.slice(0, gap + 1), signatures };
}

export function checkpointBody(body) {
  const found = /^([^\n]+)\n(0|[1-9][0-9]*)\n([^\n]+)\n$/.exec(body);
  if (!found) throw new Fails("unknown");
  return { origin: found[1], size: Number(found[2]), root: base64(found[3]) };
}

/** Whether the signature holds; null when this browser cannot tell. */
async function signed(key, signature, message) {
  if (!globalThis.crypto?.subtle) return null;
  let imported;
  try {
    imported = await crypto.subtle.importKey("raw", key.public, "Ed25519", false, ["verify"]);
  } catch {
    return null;
  }
  return crypto.subtle.verify("Ed25519", imported, signature, message);
}

const cannotSign = () => (globalThis.crypto?.subtle ? "no_ed25519" : "no_crypto");

// ------------------------------------------------------------------ checks: each yields {title, text, figures, state}

async function* checkReceipt(outer, keys) {
  let body;
  try {
    body = JSON.parse(outer.receipt);
  } catch {
    throw new Fails("unknown");
  }
  if (body?.format !== "gongxin-receipt-v1" || !Array.isArray(body.events)) throw new Fails("unknown");
  yield* checkSignature("signature", keys.receipt, outer.key, base64(outer.signature), utf8(outer.receipt));
  yield { title: "content", text: "content_text", figures: { kind: body.kind, time: inChina(body.server_time) }, state: "ok" };
  yield* checkEvents(body.events, outer.proofs, keys);
}

async function* checkSignature(title, key, named, signature, message) {
  const name = named.split("+")[0];
  if (named !== key.text && named !== key.name) throw new Fails("key_unknown", { name });
  const holds = await signed(key, signature, message);
  if (holds === false) throw new Fails("signature_bad", { name });
  yield { title, text: holds ? "signature_ok" : cannotSign(), figures: { name }, state: holds ? "ok" : "wait" };
}

/** The proofs kept with the receipt, one for each of its events; without them only the signature speaks. */
async function* checkEvents(events, proofs, keys) {
  if (!events.length) return;
  if (!Array.isArray(proofs) || proofs.length !== events.length) {
    yield { title: "events", text: "events_waiting", figures: {}, state: "wait" };
    return;
  }
  for (const [i, event] of events.entries()) {
    const { entry } = proofs[i];
    if (["stream", "version", "type", "leaf"].some((k) => entry[k] !== event[k])) {
      throw new Fails("leaf_bad", { stated: short(event.leaf), computed: short(String(entry.leaf)) });
    }
    yield* checkProof(proofs[i], keys);
  }
  yield { title: "events", text: "events_ok", figures: { count: events.length }, state: "ok" };
}

async function* checkProof(given, keys) {
  const { entry, size, proof } = given;
  const computed = leafOf(entry);
  if (!isHex(entry.leaf, 32) || hex(computed) !== entry.leaf) {
    throw new Fails("leaf_bad", { stated: short(String(entry.leaf)), computed: short(hex(computed)) });
  }
  yield { title: "leaf", text: "leaf_ok", figures: {}, state: "ok" };
  const checkpoint = note(given.checkpoint), stated = checkpointBody(checkpoint.body);
  const root = Array.isArray(proof) && proof.every((h) => isHex(h, 32)) ? rootOf(computed, entry.index, size, proof.map(unhex)) : null;
  if (stated.size !== size || stated.origin !== keys.log.name || entry.index >= size || !root || !same(root, stated.root)) {
    throw new Fails("path_bad", { size });
  }
  yield { title: "path", text: "path_ok", figures: { size }, state: "ok" };
  const line = checkpoint.signatures.find((s) => s.name === keys.log.name && s.id === keys.log.id);
  if (!line) throw new Fails("signature_bad", { name: keys.log.name });
  yield* checkSignature("checkpoint", keys.log, keys.log.text, line.value, utf8(checkpoint.body));
}

/** All checks of a file, the first failure being the last. */
export async function* checks(bytes, keys) {
  if (bytes[0] === 0x50 && bytes[1] === 0x4b) throw new Fails("archive");
  let value;
  try {
    value = JSON.parse(new TextDecoder("utf-8", { fatal: true }).decode(bytes));
  } catch {
    throw new Fails("unknown");
  }
  if (typeof value?.receipt === "string" && typeof value.signature === "string") yield* checkReceipt(value, keys);
  else if (value?.entry && value.checkpoint) yield* checkProof(value, keys);
  else throw new Fails("unknown");
}

// ------------------------------------------------------------------ the page

const fill = (text, figures) => text.replace(/\{(\w+)\}/g, (whole, name) => String(figures[name] ?? whole));

async function published() {
  const given = await (await fetch("/api/v1/keys")).json();
  return { log: verifierKey(given.log), receipt: verifierKey(given.receipt) };
}

function row(words, { title, text, figures, state }) {
  const li = document.createElement("li"), mark = document.createElement("span"), said = document.createElement("div");
  mark.className = `k ${{ ok: "", bad: "fail", wait: "wait" }[state]}`;
  mark.textContent = { ok: "✓", bad: "✕", wait: "–" }[state];
  mark.setAttribute("aria-hidden", "true");
  const head = document.createElement("b"), small = document.createElement("div");
  head.textContent = words[title] ?? title;
  small.className = "small dim";
  small.textContent = fill(words[text], { ...figures, ...(figures.kind && { kind: words[`kind_${figures.kind}`] ?? figures.kind }) });
  said.append(head, small);
  li.append(mark, said);
  return li;
}

/** Run the checks into a list; returns "ok", "partly" or "bad". */
async function run(bytes, keys, words, list) {
  let verdict = "ok";
  try {
    for await (const check of checks(bytes, keys)) {
      if (check.state === "wait") verdict = "partly";
      list.append(row(words, check));
    }
  } catch (error) {
    const fails = error instanceof Fails ? error : new Fails("unknown");
    list.append(row(words, { title: "failed", text: fails.say, figures: fails.figures, state: "bad" }));
    verdict = "bad";
  }
  return verdict;
}

/** The receipt {receipt, signature, key} of a bid in a file, null for anything else. */
function bidReceipt(bytes) {
  try {
    const outer = JSON.parse(new TextDecoder().decode(bytes));
    return JSON.parse(outer.receipt).kind.startsWith("bid_") ? outer : null;
  } catch {
    return null;
  }
}

const VERDICTS = { ok: ["passed", "say-ok"], partly: ["partly", "say-warn"], bad: ["failed", "say-bad"] };

function tell(element, words, verdict) {
  element.className = `say ${VERDICTS[verdict][1]}`;
  element.textContent = words[VERDICTS[verdict][0]];
}

function forFiles(drop) {
  const words = JSON.parse(drop.dataset.words), id = (name) => document.getElementById(name);
  let receipt = null;
  printing(id("paper"), id("paper-said"), () => ({ receipt }));
  const check = async (file) => {
    if (!file || file.size > FILE_MAX) return;
    const started = performance.now();
    id("result").hidden = false;
    id("rs").textContent = file.name;
    id("took").textContent = words.reading;
    id("checks").replaceChildren();
    id("receipt-paper").hidden = true;
    id("paper-said").textContent = "";
    const bytes = new Uint8Array(await file.arrayBuffer()), verdict = await run(bytes, await published(), words, id("checks"));
    tell(id("verdict"), words, verdict);
    receipt = verdict === "bad" ? null : bidReceipt(bytes);
    id("receipt-paper").hidden = !receipt;
    id("took").textContent = fill(words.took, { ms: Math.round(performance.now() - started) });
    id("result").scrollIntoView({ block: "nearest" });
  };
  id("file").addEventListener("change", (event) => check(event.target.files[0]));
  for (const name of ["dragover", "drop"]) drop.addEventListener(name, (event) => event.preventDefault());
  drop.addEventListener("drop", (event) => check(event.dataTransfer.files[0]));
}

function forRecord(self) {
  const words = JSON.parse(self.dataset.words), button = document.getElementById("recheck");
  button.hidden = false;
  button.addEventListener("click", async () => {
    const list = document.createElement("ul"), verdict = document.createElement("p");
    list.className = "checks checks-rail";
    const bytes = new Uint8Array(await (await fetch(`/api/v1/log/${self.dataset.number}`)).arrayBuffer());
    tell(verdict, words, await run(bytes, await published(), words, list));
    document.getElementById("recheck-result").replaceChildren(verdict, list);
  });
}

if (globalThis.document) {
  const drop = document.getElementById("drop"), self = document.getElementById("self");
  if (drop) forFiles(drop);
  if (self) forRecord(self);
}
