// What the page of the sealed upload gives its scripts, and the few things they all need.

export const $ = (id) => document.getElementById(id);
export const facts = JSON.parse($("bid-facts").textContent);
export const filled = (text, figures) => text.replace(/\{(\w+)\}/g, (whole, name) => figures[name] ?? whole);
export const say = (name, figures = {}) => filled(facts.texts[name] ?? name, figures);

/** Offer a value as a file. */
export function save(name, value) {
  const url = URL.createObjectURL(new Blob([JSON.stringify(value, null, 1)], { type: "application/json" }));
  Object.assign(document.createElement("a"), { href: url, download: name }).click();
  setTimeout(() => URL.revokeObjectURL(url), 60e3);
}
