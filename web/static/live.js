// Server time, countdowns and one event stream. Nothing here decides anything: a page without it is right at load.
"use strict";

const here = () => performance.timeOrigin + performance.now();
const written = document.querySelector("time[data-now]");
let skew = written ? Date.parse(written.dateTime) - here() : 0; // ms: server minus this device, at first as the page says
let last = 0; // performance.now() of the last word from the server, 0 before the first
const STALE_MS = 8000;
const CHINA_MS = 8 * 3600 * 1000;
const now = () => here() + skew;

/** NTP style: of five samples the one with the shortest trip counts. */
async function sync() {
  let best = Infinity;
  for (let i = 0; i < 5; i++) {
    const sent = performance.now();
    const time = await (await fetch("/time", { cache: "no-store" })).json();
    const trip = performance.now() - sent;
    if (trip < best) {
      best = trip;
      skew = time.ms + trip / 2 - here();
    }
  }
}

function digits(seconds) {
  return [seconds / 3600, (seconds / 60) % 60, seconds % 60].map((n) => String(Math.floor(n)).padStart(2, "0")).join(":");
}

/** A countdown that reaches zero changes nothing by itself: it says so and waits for the server. */
function tick() {
  for (const e of document.querySelectorAll("time[data-left], time[data-span]")) {
    const left = Math.ceil((Date.parse(e.dateTime) - now()) / 1000);
    if (left <= 0) e.textContent = document.body.dataset.confirming;
    else if ("left" in e.dataset || left < 86400) e.textContent = digits(left);
  }
  for (const e of document.querySelectorAll("[data-clock]")) e.textContent = new Date(now() + CHINA_MS).toISOString().slice(11, 19);
  lamp();
}

function lamp() {
  const stale = last > 0 && performance.now() - last > STALE_MS;
  document.body.toggleAttribute("data-stale", stale);
  for (const e of document.querySelectorAll(".lamp")) {
    e.classList.toggle("lamp-off", stale);
    const words = stale ? e.dataset.lost : e.dataset.connected;
    if (words && e.textContent !== words) e.textContent = words;
  }
}

/** The server sends ready HTML whose elements carry ids; an older one never replaces a newer one, nor a field in use. */
function listen(url) {
  const stream = new EventSource(url);
  stream.onmessage = (message) => {
    last = performance.now();
    const sequence = Number(message.lastEventId);
    const holder = document.createElement("template");
    holder.innerHTML = message.data;
    for (const fresh of [...holder.content.children]) {
      const old = document.getElementById(fresh.id);
      if (!old || Number(old.dataset.sequence ?? -1) > sequence || old.contains(document.activeElement)) continue;
      fresh.dataset.sequence = String(sequence);
      old.replaceWith(fresh);
    }
    tick();
  };
  stream.addEventListener("beat", () => {
    last = performance.now();
    lamp();
  });
  addEventListener("pagehide", () => stream.close());
}

/** Pressing twice is one act; without a script the idempotency key sees to it. */
function onceOnly(event) {
  const form = event.target;
  if (form.method !== "post" || event.defaultPrevented) return;
  setTimeout(() => form.querySelectorAll("button").forEach((b) => (b.disabled = true)));
}

document.addEventListener("submit", onceOnly);
addEventListener("pageshow", (event) => {
  if (event.persisted) document.querySelectorAll("form button").forEach((b) => (b.disabled = false));
});
document.querySelector("[data-focus]")?.focus();
setInterval(tick, 1000);
sync().then(tick, () => {});
if (document.body.dataset.live) listen(document.body.dataset.live);
