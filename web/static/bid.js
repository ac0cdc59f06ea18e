// The page of the sealed upload: checks, shows and remembers. Sealing and sending are bid-worker.js. Nothing typed here leaves the
// machine in clear.

import { check, complain, filesOf, input, read } from "./bid-check.js";
import { alone, listenToConsortium } from "./bid-consortium.js";
import { $, facts, filled, save, say } from "./bid-page.js";
import { printReceipts, showReceipt } from "./bid-receipt.js";
import { bidKey, bids } from "./bid-store.js";

const store = bids(), key = bidKey(facts.identity.uscc, facts.lot);
const WARN_MS = [15 * 60e3, 2 * 3600e3, 24 * 3600e3];
const titles = { no: document.title, yes: document.title.replace(say("no"), say("yes")) };
let worker = null, kept = {}, working = false, skew = 0, warned = Infinity, refusal = null;

// ------------------------------------------------------------------ state

/** There are two states and nothing between: with a receipt, and without. */
function show() {
  const { current } = kept;
  $("state-no").hidden = Boolean(current);
  $("state-yes").hidden = $("receipt").hidden = !current;
  document.title = current ? titles.yes : titles.no;
  $("discard").hidden = !kept.draft;
  $("outdated").hidden = !(current?.document_version < facts.documentVersion);
  if (!current) return;
  showReceipt(current);
  step(3);
}

function step(now) {
  [...$("steps").children].forEach((li, i) => {
    li.className = i < now ? "done" : i === now ? "now" : "";
    i === now ? li.setAttribute("aria-current", "step") : li.removeAttribute("aria-current");
  });
}

// ------------------------------------------------------------------ sealing and sending

function start() {
  const { forms, wrong } = read();
  complain(wrong);
  if (wrong.length) return;
  const files = Object.fromEntries(facts.stages.map((s) => [s, filesOf(s)]));
  begin("start", { ...facts, forms, files });
}

function begin(what, job) {
  working = true;
  worker?.terminate();
  worker = new Worker(new URL("./bid-worker.js", import.meta.url), { type: "module" });
  worker.onmessage = ({ data }) => HEARS[data.tell]?.(data);
  worker.onerror = () => HEARS.failed({ text: "worker" });
  const { texts, problems, names, ...needed } = job;
  worker.postMessage({ do: what, job: needed });
  $("progress").hidden = false;
  $("refusal").hidden = true;
  if ($("bid-form")) $("bid-form").hidden = true;
  $("up").textContent = say("sealing_title");
  step(1);
  $("progress").focus();
}

const HEARS = {
  sealing: ({ done, total }) => bar(total ? done / total : 0, say("sealing", { percent: percent(done, total) })),
  sealed({ draft }) {
    kept.draft = draft;
    show();
    step(2);
    $("up").textContent = say("sending_title");
    $("pause").hidden = false;
    $("chunks").replaceChildren(...draft.envelopes.flatMap((e) => Array.from({ length: e.pieces }, (_, n) =>
      Object.assign(document.createElement("i"), { id: `piece-${e.name}-${n}` }))));
    sent();
  },
  piece({ stage, number, state }) {
    $(`piece-${stage}-${number}`).className = state === "done" ? "d" : "u";
    sent();
  },
  connection({ lost }) {
    $("lamp").classList.toggle("lamp-off", lost);
    $("lamp").textContent = lost ? $("lamp").dataset.lost : $("lamp").dataset.connected;
  },
  submitting: () => ($("said").textContent = say("submitting")),
  signed_out() {
    $("said").textContent = say("signed_out");
    $("pause").textContent = say("go_on");
  },
  done({ current }) {
    kept = { current };
    stopped();
    show();
    $("receipt").focus();
  },
  refused: ({ problems, receipt }) => refuse(problems.map(told), receipt),
  failed: ({ text: words }) => refuse([say("failed", { text: words })]),
};

const told = ({ code: name, params, text: words }) => words ?? (facts.problems[name] ? filled(facts.problems[name], params) : name);

function refuse(lines, receipt) {
  stopped();
  refusal = receipt ?? null;
  $("refusal").hidden = false;
  $("refusal-receipt").hidden = $("refusal-paper").hidden = !refusal;
  $("refusal-list").replaceChildren(...lines.map((line) => Object.assign(document.createElement("li"), { textContent: line })));
  $("refusal").focus();
}

function stopped() {
  working = false;
  worker?.terminate();
  worker = null;
  $("progress").hidden = $("pause").hidden = true;
}

const percent = (done, total) => (total ? Math.floor((100 * done) / total) : 100);

function sent() {
  const pieces = [...$("chunks").children], done = pieces.filter((p) => p.className === "d").length;
  bar(done / pieces.length, say("sending", { percent: percent(done, pieces.length), done, all: pieces.length }));
  $("said").textContent = say("resumes", { done, all: pieces.length });
}

function bar(share, words) {
  $("bar").setAttribute("aria-valuenow", String(Math.floor(100 * share)));
  $("bar").firstElementChild.style.width = `${100 * share}%`;
  $("done").textContent = words;
}

function edit() {
  $("refusal").hidden = true;
  if ($("bid-form")) {
    $("bid-form").hidden = false;
    $("bid-form").scrollIntoView();
    input("price_fen")?.focus();
  }
  step(0);
}

/** After a withdrawal there is a bid to be made again, from an empty form, until the deadline. */
function anew() {
  $("bid-form")?.reset();
  alone();
  if ($("bid-form")) $("bid-form").hidden = $("anew").hidden = false;
  check();
  step(0);
  $("anew").focus();
}

// ------------------------------------------------------------------ receipts, withdrawing

async function withdraw() {
  $("withdrawing").close();
  const { bid, secret } = kept.current;
  kept.withdrawal ??= crypto.randomUUID();
  await store.put("bids", key, kept);
  const headers = { "Content-Type": "application/json", "Idempotency-Key": kept.withdrawal, "X-CSRF-Token": facts.csrf };
  await fetch(facts.page, { method: "HEAD" }).catch(() => {});
  const answer = await fetch(`${facts.withdraw}?lang=${facts.lang}`, { method: "POST", headers, body: JSON.stringify({ bid, secret }) }).catch(() => null);
  const said = await answer?.json().catch(() => ({}));
  if (!answer?.ok) return refuse((said?.problems ?? [{ code: "", message: say("lost") }]).map((p) => p.message), said?.receipt);
  save(`withdrawn-${facts.lot}.json`, said);
  kept = {};
  await store.put("bids", key, kept);
  $("no-what").textContent = say("withdrawn");
  show();
  anew();
}

async function load(event) {
  let file = null;
  try {
    file = JSON.parse(await event.target.files[0].text());
  } catch {
    // told below
  }
  const fits = file?.format === "gongxin-bid-v1" && file.lot === facts.lot && file.identity?.uscc === facts.identity.uscc && file.receipt;
  $("load-said").textContent = say(fits ? "loaded" : "not_loaded");
  if (!fits) return;
  kept = { current: file };
  await store.put("bids", key, kept);
  show();
}

// ------------------------------------------------------------------ time

function watch() {
  const left = Date.parse(facts.deadline) - (Date.now() + skew), level = WARN_MS.find((ms) => left <= ms) ?? Infinity;
  const due = left > 0 && level < Infinity && !kept.current;
  $("warning").hidden = !due;
  if (due && level < warned) {
    warned = level;
    $("warning").textContent = say(`warn_${level / 60e3}`);
  }
}

async function sync() {
  const sent = Date.now(), time = await (await fetch("/time", { cache: "no-store" })).json();
  skew = time.ms + (Date.now() - sent) / 2 - Date.now();
}

function listen() {
  const on = (id, what, type = "click") => $(id)?.addEventListener(type, what);
  on("go", start);
  on("again", edit);
  on("replace", edit);
  on("anew", edit);
  on("withdraw", () => {
    $("withdrawing").hidden = false;
    $("withdrawing").showModal();
  });
  on("withdraw-no", () => $("withdrawing").close());
  on("withdrawing", () => ($("withdrawing").hidden = true), "close");
  on("withdraw-yes", withdraw);
  on("load", load, "change");
  on("print", () => print());
  on("download", () => save(`bid-${facts.lot}-${kept.current.version}.json`, { format: "gongxin-bid-v1", ...kept.current }));
  on("download-receipt", () => save(`receipt-${facts.lot}-${kept.current.version}.json`, kept.current.receipt));
  printReceipts(() => kept.current, () => refusal);
  on("refusal-receipt", () => save(`refusal-${facts.lot}.json`, refusal));
  on("pause", () => {
    const pausing = $("pause").textContent !== say("go_on");
    worker?.postMessage({ do: pausing ? "pause" : "go" });
    $("pause").textContent = say(pausing ? "go_on" : "pause");
  });
  on("discard", async () => {
    stopped();
    await store.dropAll("pieces", kept.draft.bid);
    delete kept.draft;
    await store.put("bids", key, kept);
    show();
    edit();
  });
  on("bid-form", check, "input");
  listenToConsortium();
  addEventListener("beforeunload", (event) => working && event.preventDefault());
}

async function open() {
  kept = (await store.get("bids", key)) ?? {};
  listen();
  if ($("bid-fields")) $("bid-fields").disabled = false;
  $("load").disabled = false;
  check();
  show();
  sync().then(watch, watch);
  setInterval(watch, 1000);
  if (kept.current && $("bid-form")) $("bid-form").hidden = true;
  if (kept.draft && $("bid-form")) begin("resume", facts);
  document.body.dataset.ready = "yes";
}

open();
