// What the page of the sealed upload gives its scripts, and the few things they all need.

import { offer } from "./receipt-paper.js";

export const $ = (id) => document.getElementById(id);
export const facts = JSON.parse($("bid-facts").textContent);
export const filled = (text, figures) => text.replace(/\{(\w+)\}/g, (whole, name) => figures[name] ?? whole);
export const say = (name, figures = {}) => filled(facts.texts[name] ?? name, figures);

/** Offer a value as a file. */
export const save = (name, value) => offer(name, new Blob([JSON.stringify(value, null, 1)], { type: "application/json" }));
