// The receipt as people read it, and its number in the public record.

import { $, facts, say } from "./bid-page.js";
import { printing } from "./receipt-paper.js";

/** The buttons that have a receipt printed: of the bid that `current()` gives, and of a refusal. */
export function printReceipts(current, refusal) {
  printing($("paper"), $("paper-said"), () => {
    const { receipt, identity, salt } = current();
    return { receipt, ...($("paper-named").checked && { bidder: { name: identity.name, uscc: identity.uscc, salt } }) };
  });
  printing($("refusal-paper"), $("refusal-said"), () => ({ receipt: refusal() }));
}

/** Show the receipt of a bid {receipt, envelopes, version}. */
export function showReceipt(current) {
  const body = JSON.parse(current.receipt.receipt);
  $("yes-what").textContent = say("version", { version: current.version, at: chinaTime(body.received_at) });
  fill($("receipt-facts"), receiptFacts(current, body));
  mark(body.events[0].leaf);
}

const clockError = (us) => (us === null ? say("clock_unknown") : `±${(us / 1e6).toFixed(2)} s`);

function receiptFacts(current, body) {
  const sizes = current.envelopes.reduce((sum, e) => sum + e.size, 0);
  return [
    [say("number"), code(`R-${body.events[0].leaf.slice(0, 12).toUpperCase()}`)],
    [say("lot"), text(`${facts.lot} ${facts.title}`)],
    [say("received"), strong(`${chinaTime(body.received_at)} ${clockError(body.clock_error_us)}`)],
    [say("sealed"), text(say("bytes", { count: sizes.toLocaleString("en") }))],
    ...current.envelopes.map((e) => [`SHA-256 ${facts.envelopes[e.name] ?? e.name}`, code((e.sha256 ?? e.object).match(/.{8}/g).join(" "))]),
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
