// Seals a bid and sends it, off the page's thread. Only ciphertext and hashes leave this machine: no name, no price.
//
// Takes {do: "start", job}, {do: "resume", job}, {do: "pause"}, {do: "go"}; tells {tell: …} what happens.

import { bids, bidKey } from "./bid-store.js";
import { bundle, identityCommitment, newBid, newSalt, Refused, seal, Sha256 } from "./seal.js";
import { hex, unhex } from "./seal/bytes.js";

const RETRY_MS = 2000, TRIES = 5;
const store = bids();
const tell = (what, more = {}) => postMessage({ tell: what, ...more });
const digest = async (bytes) => hex(new Uint8Array(await crypto.subtle.digest("SHA-256", bytes)));
let paused = false;
let wake = () => {};

onmessage = ({ data }) => {
  if (data.do === "pause") paused = true;
  else if (data.do === "go") {
    paused = false;
    wake();
  } else run(data).catch(told);
};

function told(error) {
  if (error instanceof Refused) tell("refused", { problems: error.problems, receipt: error.receipt });
  else tell("failed", { text: String(error) });
}

async function run({ do: what, job }) {
  const key = bidKey(job.identity.uscc, job.lot);
  const kept = (await store.get("bids", key)) ?? {};
  if (what === "start") {
    if (kept.draft) await store.dropAll("pieces", kept.draft.bid);
    kept.draft = await sealed(job, kept.current);
    await store.put("bids", key, kept);
  }
  tell("sealed", { draft: kept.draft });
  for (const envelope of kept.draft.envelopes) await send(job, kept, key, envelope);
  await submit(job, kept, key);
}

// ------------------------------------------------------------------ sealing

async function sealed(job, replaced) {
  const bid = newBid(), secret = hex(crypto.getRandomValues(new Uint8Array(32))), salt = newSalt();
  const identity = { ...job.identity, salt };
  const draft = {
    bid, secret, salt, commitment: identityCommitment(identity), document_version: job.documentVersion, envelopes: [],
    command: crypto.randomUUID(), // the command's own number: made from the bid's, it would tie the bid to whoever is signed in
    replaces: replaced ? { bid: replaced.bid, secret: replaced.secret } : null, version: (replaced?.version ?? 0) + 1,
  };
  const total = Object.values(job.files).flat().reduce((sum, file) => sum + file.size, 0) * 2;
  let before = 0;
  for (const [i, stage] of job.stages.entries()) {
    const files = job.files[stage].map((file) => ({ name: file.name, blob: file }));
    const size = files.reduce((sum, { blob }) => sum + blob.size, 0), from = before;
    const progress = (done) => tell("sealing", { done: from + done, total });
    const { blob } = await bundle({ files, identity: i ? undefined : identity, form: job.forms[stage], progress });
    const pieces = new Pieces(`${bid}/${stage}`, job.pieceSize, (done) => progress(size + Math.min(done, size)));
    const slot = { lot: job.lot, attempt: job.attempt, stage };
    const { suite, threshold } = job, write = (bytes) => pieces.add(bytes);
    await seal({ content: blob, slot, bid, trustees: job.trustees[stage], threshold, suite, write });
    draft.envelopes.push({ name: stage, ...(await pieces.close()), upload: "", object: "" });
    before += 2 * size;
  }
  return draft;
}

/** Collects a stream into pieces of one size, each stored with its hash. */
class Pieces {
  constructor(prefix, size, progress) {
    Object.assign(this, { prefix, pieceSize: size, progress, parts: [], held: 0, count: 0, size: 0, whole: new Sha256() });
  }

  async add(bytes) {
    this.whole.update(bytes);
    this.size += bytes.length;
    for (let at = 0; at < bytes.length; ) {
      const part = bytes.subarray(at, at + this.pieceSize - this.held);
      this.parts.push(part);
      this.held += part.length;
      at += part.length;
      if (this.held === this.pieceSize) await this.keep();
    }
    this.progress(this.size);
  }

  async keep() {
    const blob = new Blob(this.parts), sha256 = await digest(await blob.arrayBuffer());
    await store.put("pieces", `${this.prefix}/${this.count}`, { sha256, blob });
    Object.assign(this, { parts: [], held: 0, count: this.count + 1 });
  }

  async close() {
    if (this.held) await this.keep();
    return { size: this.size, pieces: this.count, sha256: hex(this.whole.digest()) };
  }
}

// ------------------------------------------------------------------ sending

async function send(job, kept, key, envelope) {
  if (envelope.object) return;
  const state = await progressOf(job, envelope);
  if (envelope.upload !== state.upload) {
    envelope.upload = state.upload;
    await store.put("bids", key, kept);
  }
  const arrived = new Set(state.arrived);
  for (let n = 0; n < envelope.pieces; n++) {
    tell("piece", { stage: envelope.name, number: n, state: arrived.has(n) ? "done" : "sending" });
    if (arrived.has(n)) continue;
    const { sha256, blob } = await store.get("pieces", `${kept.draft.bid}/${envelope.name}/${n}`);
    const headers = { "Content-Type": "application/octet-stream", "X-Piece-SHA256": sha256 };
    await asked(job, `${job.uploads}/${envelope.upload}/pieces/${n}`, { method: "PUT", headers, body: blob });
    tell("piece", { stage: envelope.name, number: n, state: "done" });
  }
  try {
    envelope.object = (await asked(job, `${job.uploads}/${envelope.upload}/finish`, { method: "POST" })).object;
  } catch (error) {
    if (!(error instanceof Refused) || error.status !== 404) throw error;
    envelope.object = envelope.sha256; // finished before, only the answer was lost; submitting finds out
  }
  await store.put("bids", key, kept);
}

/** Where an upload stands; begun anew when the server knows none. */
async function progressOf(job, envelope) {
  if (envelope.upload) {
    try {
      return await asked(job, `${job.uploads}/${envelope.upload}`, {});
    } catch (error) {
      if (!(error instanceof Refused) || error.status !== 404) throw error;
    }
  }
  return asked(job, job.uploads, json({ size: envelope.size, sha256: envelope.sha256 }));
}

async function submit(job, kept, key) {
  const { draft } = kept, envelopes = draft.envelopes.map(({ name, object, size }) => ({ name, object, size }));
  const body = {
    bid: draft.bid, capability: await digest(unhex(draft.secret)), salt: draft.salt, commitment: draft.commitment,
    document_version: draft.document_version, envelopes,
    ...(draft.replaces ? { replaces: draft.replaces.bid, replaces_secret: draft.replaces.secret } : {}),
  };
  tell("submitting");
  const receipt = await asked(job, job.submit, json(body, draft.command));
  const { command, ...lasting } = draft;
  const current = { ...lasting, receipt, lot: job.lot, title: job.title, identity: job.identity };
  await store.put("bids", key, { current });
  await store.dropAll("pieces", draft.bid);
  tell("done", { current });
}

const json = (body, key) => ({
  method: "POST", body: JSON.stringify(body), headers: { "Content-Type": "application/json", ...(key ? { "Idempotency-Key": key } : {}) },
});

/** Ask the server until it answers. A lost connection is waited out; a refusal is a `Refused` with `status` and `receipt`. */
async function asked(job, address, options) {
  for (let failures = 0; ; ) {
    if (paused) await new Promise((resolve) => (wake = resolve));
    let answer;
    try {
      answer = await fetch(`${address}?lang=${job.lang}`, { ...options, headers: { ...options.headers, "X-CSRF-Token": job.csrf } });
    } catch {
      tell("connection", { lost: true });
      await delay(RETRY_MS);
      continue;
    }
    tell("connection", { lost: false });
    if (answer.ok) return answer.json();
    if (answer.status === 401) await renew(job, failures++);
    else if ([409, 429, 500, 502, 503, 504].includes(answer.status) && failures++ < TRIES) await delay(waiting(answer));
    else throw await refusal(answer);
  }
}

/** The session renews itself on pages, not on the API. When it is over, the person signs in elsewhere and goes on here. */
async function renew(job, failures) {
  if (failures) {
    paused = true;
    tell("signed_out");
  } else await fetch(job.page, { method: "HEAD" }).catch(() => {});
}

async function refusal(answer) {
  const told = await answer.json().catch(() => ({}));
  const refused = new Refused(...(told.problems ?? [{ code: `http.${answer.status}` }]));
  refused.problems = told.problems?.map((p) => ({ ...p, text: p.message })) ?? refused.problems;
  return Object.assign(refused, { status: answer.status, receipt: told.receipt });
}

const waiting = (answer) => 1000 * (Number(answer.headers.get("Retry-After")) || 1);
const delay = (ms) => new Promise((resolve) => setTimeout(resolve, ms));
