// Who bids together, typed and checked on the bidder's own machine: members row by row, the leader first, and their agreement.

import { $, facts, say } from "./bid-page.js";

const ALPHABET = "0123456789ABCDEFGHJKLMNPQRTUWXY"; // no I, O, S, V, Z: they are misread
const PARTS = ["uscc", "name", "share"];
const together = () => Boolean($("f-consortium")?.checked);
const rows = () => [...$("members").children];
const id = (n, part) => `f-consortium_members-${n}-${part}`;

/** A code as it is compared: half-width, capitals, no blanks. */
const plain = (code) => code.normalize("NFKC").toUpperCase().replace(/\s+/g, "");

/** Whether the 18th character is the one that the first 17 ask for (GB 32100). */
export function isUscc(code) {
  const values = [...code].map((c) => ALPHABET.indexOf(c));
  if (values.length !== 18 || values.includes(-1)) return false;
  let sum = 0, weight = 1;
  for (const value of values.slice(0, 17)) {
    sum += value * weight;
    weight = (weight * 3) % 31;
  }
  return values[17] === (31 - (sum % 31)) % 31;
}

/** The agreement, to be sealed with the files of the first envelope. */
export const agreement = () => (together() ? [...$("f-consortium_agreement").files] : []);

/** What the form says of the consortium, and what is wrong with it; nothing when the bidder bids alone. */
export function consortium() {
  if (!together()) return { form: {}, wrong: [] };
  const wrong = [], codes = new Set();
  const members = rows().map((row, n) => {
    const member = Object.fromEntries(PARTS.map((part) => [part, $(id(n, part)).value.trim()]));
    member.uscc = plain(member.uscc);
    for (const part of PARTS) if (!member[part]) wrong.push([id(n, part), say("missing", { name: `${n + 1} ${facts.names[part]}` })]);
    if (member.uscc && !isUscc(member.uscc)) wrong.push([id(n, "uscc"), say("no_code", { number: n + 1 })]);
    const unit = member.uscc.slice(8, 17);
    if (isUscc(member.uscc) && codes.has(unit)) wrong.push([id(n, "uscc"), facts.problems["consortium.member_twice"]]);
    codes.add(unit);
    return member;
  });
  const [file] = agreement();
  if (!file) wrong.push(["f-consortium_agreement", facts.problems["consortium.agreement_missing"]]);
  return { form: { consortium_members: members, consortium_agreement: file?.name.normalize("NFC") }, wrong };
}

function number() {
  rows().forEach((row, n) => {
    row.querySelector("legend").textContent = say(n ? "member" : "leader", { number: n + 1 });
    for (const part of PARTS) {
      const input = row.querySelector(`[data-part=${part}]`);
      input.id = id(n, part);
      input.previousElementSibling.htmlFor = input.id;
    }
    const out = row.querySelector("button");
    out.hidden = n === 0 || rows().length <= 2;
    out.querySelector("span").textContent = ` ${n + 1}`;
  });
  $("member-more").disabled = rows().length >= facts.consortium.most;
}

function more() {
  const row = $("member").content.firstElementChild.cloneNode(true), first = !rows().length;
  for (const part of PARTS.slice(0, 2)) {
    const input = row.querySelector(`[data-part=${part}]`);
    input.value = first ? facts.identity[part] : "";
    input.readOnly = first; // who bids leads
  }
  row.querySelector("button").addEventListener("click", () => {
    row.remove();
    number();
    $("member-more").focus();
  });
  $("members").append(row);
  number();
  return row;
}

/** Let the rows come and go. Where the notice accepts no consortium there are none. */
export function listenToConsortium() {
  $("f-consortium")?.addEventListener("change", () => {
    $("consortium").hidden = !together();
    while (together() && rows().length < 2) more();
  });
  $("member-more")?.addEventListener("click", () => more().querySelector("input").focus());
}

/** The form is empty again: nobody bids together. */
export function alone() {
  $("members")?.replaceChildren();
  if ($("consortium")) $("consortium").hidden = true;
}
