// What is typed for a bid, checked on the bidder's own machine. The platform never sees these figures.

import { $, facts, say } from "./bid-page.js";
import { agreement, consortium } from "./bid-consortium.js";
import { daxie, fenFromYuan, yuanText } from "./bid-money.js";

const SHORT = 1000; // a price this many times below the ceiling was probably typed in another unit

export const input = (name) => $(`f-${name}`);
const typedIn = (field) => (field.matches("fieldset") ? field.querySelector(":checked")?.value ?? "" : field.value).trim();
const chosen = (stage) => [...$(`files-${stage}`).files];

/** What goes into an envelope: into the first also the agreement of a consortium. */
export const filesOf = (stage) => [...chosen(stage), ...(stage === facts.stages[0] ? agreement() : [])];

/** What is typed, and everything wrong with it at once. Money in fen. */
export function read() {
  const forms = {}, wrong = [];
  for (const stage of facts.stages) {
    forms[stage] = {};
    if (!chosen(stage).length) wrong.push([`files-${stage}`, say("no_files", { name: facts.envelopes[stage] })]);
    for (const { name, kind, required } of facts.fields[stage]) {
      const typed = typedIn(input(name)), value = kind === "money" ? fenFromYuan(typed) : kind === "integer" ? whole(typed) : typed;
      if (!typed && required) wrong.push([`f-${name}`, say("missing", { name: facts.names[name] })]);
      else if (typed && (value === null || value === 0)) wrong.push([`f-${name}`, say("unreadable", { name: facts.names[name] })]);
      else if (typed) forms[stage][name] = value;
    }
  }
  const last = forms[facts.stages.at(-1)];
  if (last.price_fen) last.words = daxie(last.price_fen);
  const together = consortium();
  Object.assign(forms[facts.stages[0]], together.form);
  return { forms, wrong: [...wrong, ...together.wrong] };
}

const whole = (typed) => (/^[0-9]{1,9}$/.test(typed) ? Number(typed) : null);

export function check() {
  if (!$("bid-form")) return;
  const { forms, wrong } = read(), price = Object.assign({}, ...Object.values(forms)).price_fen;
  const missing = (prefix) => wrong.some(([id]) => id.startsWith(prefix));
  set("files", !missing("files-"));
  set("form", !missing("f-"));
  set("document", true);
  set("keys", facts.ready);
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

export function complain(wrong) {
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
