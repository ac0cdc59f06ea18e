// The page of the sealed upload: checks, shows and remembers. Sealing and sending are bid-worker.js. Nothing typed here leaves the
// machine in clear.

import { daxie, fenFromYuan, yuanText } from "./bid-money.js";
import { bidKey, bids } from "./bid-store.js";

const $ = (id) => document.getElementById(id);
const facts = JSON.parse($("bid-facts").textContent);
const store = bids(), key = bidKey(facts.identity.uscc, facts.lot);
const WARN_MS = [15 * 60e3, 2 * 3600e3, 24 * 3600e3];
const SHORT = 1000; // a price this many times below the ceiling was probably typed in another unit
const say = (name, figures = {}) => filled(facts.texts[name] ?? name, figures);
const filled = (text, figures) => text.replace(/\{(\w+)\}/g, (whole, name) => figures[name] ?? whole);
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
  if (!current) return;
  const body = JSON.parse(current.receipt.receipt);
  $("yes-what").textContent = say("version", { version: current.version, at: chinaTime(body.received_at) });
  fill($("receipt-facts"), receiptFacts(current, body));
  step(3);
  mark(body.events[0].leaf);
}

function receiptFacts(current, body) {
  const sizes = current.envelopes.reduce((sum, e) => sum + e.size, 0);
  return [
    [say("number"), code(`R-${body.events[0].leaf.slice(0, 12).toUpperCase()}`)],
    [say("lot"), text(`${facts.lot} ${facts.title}`)],
    [say("received"), strong(`${chinaTime(body.received_at)} ±${(body.clock_error_us / 1e6).toFixed(2)} s`)],
    [say("sealed"), text(say("bytes", { count: sizes.toLocaleString("en") }))],
    ...current.envelopes.map((e) => [`SHA-256 ${facts.envelopes[e.name] ?? e.name}`, code(e.sha256.match(/.{8}/g).join(" "))]),
    [say("record"), Object.assign(text(say("waiting")), { id: "record" })],
  ];
}

/** The record's number, found by its fingerprint in the public log: nobody is asked about this bid. */
async function mark(leaf) {
  for (let tries = 0, after = Math.max(-1, facts.logSize - 1000); tries < 15; tries++) {
    const feed = await (await fetch(`/api/v1/log?after=${after}&limit=1000`)).json().catch(() => null);
    const found = feed?.entries.find((e) => e.leaf === leaf);
    if (found) {
      const link = Object.assign(document.createElement("a"), { className: "v", href: `${facts.verify.replace(/verify$/, "log/")}${found.index}` });
      link.append(Object.assign(document.createElement("i"), { textContent: say("v") }), text(String(found.index)));
      return $("record")?.replaceChildren(link);
    }
    if (feed?.entries.length === 1000) after = feed.next;
    else await new Promise((resolve) => setTimeout(resolve, 2000));
  }
}

function step(now) {
  [...$("steps").children].forEach((li, i) => {
    li.className = i < now ? "done" : i === now ? "now" : "";
    i === now ? li.setAttribute("aria-current", "step") : li.removeAttribute("aria-current");
  });
}

// ------------------------------------------------------------------ checking

const input = (name) => $(`f-${name}`);
const filesOf = (stage) => [...$(`files-${stage}`).files];

/** What is typed, and everything wrong with it at once. Money in fen. */
function read() {
  const forms = {}, wrong = [];
  for (const stage of facts.stages) {
    forms[stage] = {};
    if (!filesOf(stage).length) wrong.push([`files-${stage}`, say("no_files", { name: facts.envelopes[stage] })]);
    for (const { name, kind, required } of facts.fields[stage]) {
      const typed = input(name).value.trim(), value = kind === "money" ? fenFromYuan(typed) : kind === "integer" ? whole(typed) : typed;
      if (!typed && required) wrong.push([`f-${name}`, say("missing", { name: facts.names[name] })]);
      else if (typed && (value === null || value === 0)) wrong.push([`f-${name}`, say("unreadable", { name: facts.names[name] })]);
      else if (typed) forms[stage][name] = value;
    }
  }
  return { forms, wrong };
}

const whole = (typed) => (/^[0-9]{1,9}$/.test(typed) ? Number(typed) : null);

function check() {
  if (!$("bid-form")) return;
  const { forms, wrong } = read(), price = Object.assign({}, ...Object.values(forms)).price_fen;
  const missing = (prefix) => wrong.some(([id]) => id.startsWith(prefix));
  set("files", !missing("files-"));
  set("form", !missing("f-"));
  set("document", true);
  set("keys", facts.stages.every((s) => Object.keys(facts.trustees[s]).length === 3));
  set("price", priceSays(price) === "price_ok", say(priceSays(price), { ceiling: yuanText(facts.ceiling_fen ?? 0) }));
  const output = $("f-price_fen-d");
  if (output) output.textContent = price ? daxie(price) : say("no_words");
}

function priceSays(price) {
  if (!price) return "price_missing";
  if (!facts.ceiling_fen) return "price_ok";
  if (price > facts.ceiling_fen) return "price_high";
  return price * SHORT <= facts.ceiling_fen ? "price_short" : "price_ok";
}

function set(name, fine, words) {
  const li = document.querySelector(`[data-check=${name}]`), sign = li.querySelector(".k");
  sign.className = fine ? "k" : "k wait";
  sign.textContent = fine ? "✓" : "!";
  if (words) li.querySelector(".small").textContent = words;
  const all = document.querySelectorAll("#checks .k"), good = [...all].filter((k) => !k.classList.contains("wait")).length;
  $("checks-sum").textContent = say("passed", { good, all: all.length });
  $("checks-sum").classList.toggle("t-ok", good === all.length);
}

function complain(wrong) {
  $("errors").hidden = !wrong.length;
  $("errors").querySelector("ol").replaceChildren(...wrong.map(([id, words]) => {
    const item = document.createElement("li");
    item.append(Object.assign(document.createElement("a"), { href: `#${id}`, textContent: words }));
    return item;
  }));
  for (const field of $("bid-form").querySelectorAll(".input")) {
    const mine = wrong.some(([id]) => id === field.id);
    mine ? field.setAttribute("aria-invalid", "true") : field.removeAttribute("aria-invalid");
  }
  if (wrong.length) $("errors").focus();
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
  $("refusal-receipt").hidden = !refusal;
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

// ------------------------------------------------------------------ receipts, withdrawing

const save = (name, value) => {
  const url = URL.createObjectURL(new Blob([JSON.stringify(value, null, 1)], { type: "application/json" }));
  Object.assign(document.createElement("a"), { href: url, download: name }).click();
  setTimeout(() => URL.revokeObjectURL(url), 60e3);
};

async function withdraw() {
  $("withdrawing").close();
  const { bid, secret } = kept.current;
  const headers = { "Content-Type": "application/json", "Idempotency-Key": `withdraw-${bid}`, "X-CSRF-Token": facts.csrf };
  await fetch(facts.page, { method: "HEAD" }).catch(() => {});
  const answer = await fetch(`${facts.withdraw}?lang=${facts.lang}`, { method: "POST", headers, body: JSON.stringify({ bid, secret }) }).catch(() => null);
  const said = await answer?.json().catch(() => ({}));
  if (!answer?.ok) return refuse((said?.problems ?? [{ code: "", message: say("lost") }]).map((p) => p.message), said?.receipt);
  save(`withdrawn-${facts.lot}.json`, said);
  kept = {};
  await store.put("bids", key, kept);
  $("no-what").textContent = say("withdrawn");
  show();
  step(0);
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

const chinaTime = (iso) => {
  const there = new Date(Date.parse(iso) + 8 * 3600e3).toISOString();
  return `${there.slice(0, 10)} ${there.slice(11, 23)}`;
};
const text = (words) => Object.assign(document.createElement("span"), { textContent: words });
const strong = (words) => Object.assign(document.createElement("b"), { textContent: words });
const code = (words) => Object.assign(document.createElement("code"), { textContent: words });
const fill = (list, rows) => list.replaceChildren(...rows.flatMap(([label, node]) => {
  const cell = document.createElement("dd");
  cell.append(node);
  return [Object.assign(document.createElement("dt"), { textContent: label }), cell];
}));

function listen() {
  const on = (id, what, type = "click") => $(id)?.addEventListener(type, what);
  on("go", start);
  on("again", edit);
  on("replace", edit);
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
