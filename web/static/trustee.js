// What the pages of trustees share: giving acts, saving files, telling faults.

export const $ = (id) => document.getElementById(id);
export const facts = JSON.parse($("page-facts").textContent);
export const say = (name, figures = {}) => filled(facts.texts[name] ?? name, figures);
const filled = (text, figures) => text.replace(/\{(\w+)\}/g, (whole, name) => figures[name] ?? whole);

/** A fault to be shown: lines for people. */
export class Fault extends Error {
  constructor(lines) {
    super(lines.join("; "));
    this.lines = lines;
  }
}

export const faultOf = (problems) =>
  new Fault(problems.map(({ code, params = {} }) => filled(facts.problems[code] ?? facts.texts[code] ?? code, params)));

/** Give an act on the lot; its receipt. Throws a `Fault`. */
export async function give(act, body) {
  await fetch(facts.page, { method: "HEAD" }).catch(() => {}); // keeps the session alive
  const key = crypto.randomUUID();
  const headers = { "Content-Type": "application/json", "Idempotency-Key": key, "X-CSRF-Token": facts.csrf };
  const address = `${facts.acts}${act}?lang=${facts.lang}`;
  const answer = await fetch(address, { method: "POST", headers, body: JSON.stringify(body) }).catch(() => null);
  const told = await answer?.json().catch(() => ({}));
  if (!answer?.ok) throw new Fault((told?.problems ?? [{ message: say("lost") }]).map((p) => p.message));
  return told;
}

export function save(name, text) {
  const url = URL.createObjectURL(new Blob([text], { type: "application/json" }));
  Object.assign(document.createElement("a"), { href: url, download: name }).click();
  setTimeout(() => URL.revokeObjectURL(url), 60e3);
}

/** Run what a button does: the button rests meanwhile, faults are shown, success is told. */
export async function run(button, work) {
  button.disabled = true;
  $("faults").hidden = true;
  $("said").textContent = say("working");
  try {
    $("said").textContent = (await work()) ?? "";
  } catch (error) {
    $("said").textContent = "";
    const lines = error instanceof Fault ? error.lines : [say("failed", { text: String(error) })];
    $("faults").hidden = false;
    $("faults-list").replaceChildren(...lines.map((line) => Object.assign(document.createElement("li"), { textContent: line })));
    $("faults").focus();
  } finally {
    button.disabled = false;
  }
}

/** Ask before what cannot be undone; resolves to whether it was confirmed. */
export function confirmed(dialog) {
  dialog.hidden = false;
  dialog.returnValue = "";
  dialog.showModal();
  return new Promise((resolve) =>
    dialog.addEventListener("close", () => {
      dialog.hidden = true;
      resolve(dialog.returnValue === "yes");
    }, { once: true }),
  );
}
