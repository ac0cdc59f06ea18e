// The score sheet saves itself while it is filled in. Nothing is locked here: that is a form of its own, with a page to confirm it.
"use strict";

const sheet = document.getElementById("sheet");
let timer = 0;
let dirty = false;

function tell(text, wrong) {
  const state = document.getElementById("draft-state");
  state.textContent = text;
  state.classList.toggle("t-bad", wrong);
}

/** What the server says is wrong, at its field. */
function mark(problems) {
  for (const field of sheet.querySelectorAll("input[name^='points.']")) {
    const text = problems[field.name];
    field.toggleAttribute("aria-invalid", false);
    if (text) field.setAttribute("aria-invalid", "true");
    const place = document.getElementById(field.id + "-h").querySelector(".errs");
    place.replaceChildren();
    if (text) place.append(Object.assign(document.createElement("div"), { className: "err", textContent: text }));
  }
}

async function save() {
  dirty = false;
  try {
    const answer = await fetch(sheet.dataset.draft, { method: "POST", body: new URLSearchParams(new FormData(sheet)), credentials: "same-origin" });
    if (!answer.ok) throw new Error(String(answer.status));
    const said = await answer.json();
    if (dirty) return;
    tell(said.saved, false);
    mark(said.problems);
  } catch {
    dirty = true;
    tell(sheet.dataset.failed, true);
    clearTimeout(timer);
    timer = setTimeout(save, 5000);
  }
}

if (sheet) {
  sheet.addEventListener("input", () => {
    dirty = true;
    clearTimeout(timer);
    timer = setTimeout(save, 700);
  });
  sheet.addEventListener("submit", () => clearTimeout(timer));
  addEventListener("pagehide", () => {
    if (dirty) navigator.sendBeacon(sheet.dataset.draft, new URLSearchParams(new FormData(sheet)));
  });
}
