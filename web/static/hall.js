// A room that moves: the lot's stream says that something happened, the room's own fragments say what. Works with live.js; without
// either the page is right at load.
"use strict";

const room = document.body.dataset;
let asked = 0; // newest log number that the stream named
let shown = -1; // log number up to which the fragments were fetched
let fetching = false;
let settled = 0; // when marks that wait for a checkpoint were last looked at

/** A field that somebody is filling in keeps its panel as it is. */
function inUse(panel) {
  const fields = [...panel.querySelectorAll("input:not([type=hidden]), textarea, select")];
  return fields.some((e) => e === document.activeElement || (e.defaultValue !== undefined && e.type !== "radio" && e.type !== "checkbox" && e.value !== e.defaultValue));
}

/** The record only grows: what is there stays, so that a reader's place in it and a screen reader's are kept. */
function grow(log, fresh) {
  const atEnd = log.scrollHeight - log.scrollTop - log.clientHeight < 40;
  const list = log.querySelector("ul");
  for (const item of [...fresh.querySelectorAll("li")]) {
    const known = document.getElementById(item.id);
    if (!known) list.append(item);
    else if (known.innerHTML !== item.innerHTML) known.querySelector(".v")?.replaceWith(item.querySelector(".v") ?? "");
  }
  if (list.children.length) log.querySelector("p")?.remove();
  log.dataset.sequence = fresh.dataset.sequence;
  if (atEnd) log.scrollTop = log.scrollHeight;
}

function place(fresh) {
  if (fresh.matches("section") && !fresh.id) fresh = fresh.querySelector("[data-sequence]");
  const old = fresh && document.getElementById(fresh.id);
  if (!old || Number(old.dataset.sequence) > Number(fresh.dataset.sequence) || inUse(old)) return;
  if (old.getAttribute("role") === "log") return grow(old, fresh);
  const held = old.contains(document.activeElement) ? document.activeElement.getAttribute("href") : null;
  const open = [...old.querySelectorAll("details")].map((d) => d.open);
  old.replaceWith(fresh);
  [...fresh.querySelectorAll("details")].forEach((d, i) => (d.open ||= open[i] ?? false));
  if (held) fresh.querySelector(`a[href="${CSS.escape(held)}"]`)?.focus();
}

/** One fetch at a time, however fast the events come; what came meanwhile is fetched once more. */
async function refresh() {
  if (fetching || shown >= asked) return;
  fetching = true;
  const target = asked;
  try {
    const answer = await fetch(room.fragments, { credentials: "same-origin", cache: "no-store" });
    if (!answer.ok) throw new Error(String(answer.status));
    const holder = document.createElement("template");
    holder.innerHTML = await answer.text();
    for (const fresh of [...holder.content.children]) place(fresh);
    shown = target;
    tick();
  } catch {
    setTimeout(refresh, 2000 + Math.random() * 2000);
  }
  fetching = false;
  if (shown >= target && asked > shown) setTimeout(refresh, 200);
}

function follow() {
  const stream = new EventSource(room.room);
  stream.onmessage = (message) => {
    last = performance.now();
    asked = Math.max(asked, Number(message.lastEventId), shown + 1);
    setTimeout(refresh, Math.random() * 150); // a full hall does not ask at the same moment
  };
  stream.addEventListener("beat", () => {
    last = performance.now();
    lamp();
    if (document.querySelector(".v-wait") && last - settled > 5000) {
      settled = last;
      asked = Math.max(asked, shown) + 1; // a checkpoint brings no event: look whether it has come
      refresh();
    }
  });
  addEventListener("pagehide", () => stream.close());
  addEventListener("pageshow", (event) => event.persisted && follow());
}

document.querySelectorAll(".lamp").forEach((e) => (e.hidden = false));
document.querySelectorAll("[role=log]").forEach((e) => (e.scrollTop = e.scrollHeight));
if (room.room) follow();
