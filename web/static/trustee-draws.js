// A party's secret parts of draws: made and kept here, promised by their hash, handed in when the draw is due.

import { openStore } from "./bid-store.js";
import { Sha256 } from "./seal.js";
import { hex, isHex, unhex } from "./seal/bytes.js";
import { $, confirmed, facts, faultOf, give, run, save, say } from "./trustee.js";

const FORMAT = "gongxin-draw-part-v1";
const store = openStore("gongxin-draws", ["parts"]);
const keyOf = (draw) => `${facts.owner}|${facts.lot}|${facts.attempt}|${draw}`;
const hashOf = (part) => hex(new Sha256().update(unhex(part)).digest());

/** Kept before it is promised: a part that is lost stops the draw. */
async function commit(draw) {
  const kept = (await store.get("parts", keyOf(draw))) ?? hex(crypto.getRandomValues(new Uint8Array(32)));
  await store.put("parts", keyOf(draw), kept);
  save(`draw-part-${facts.lot}-${draw}.json`, JSON.stringify({ format: FORMAT, lot: facts.lot, attempt: facts.attempt, draw, part: kept }));
  await give("commit_draw", { draw, commitment: hashOf(kept) });
  facts.commitments[draw] = hashOf(kept);
  $(`mine-${draw}`).textContent = say("promised");
  $(`commit-${draw}`).hidden = true;
  return say("committed");
}

async function handIn(draw) {
  const part = await store.get("parts", keyOf(draw));
  if (!part || hashOf(part) !== facts.commitments[draw]) throw faultOf([{ code: "part_missing" }]);
  if (!(await confirmed($("handing-in")))) return "";
  await give("hand_in_part", { draw, part });
  $(`mine-${draw}`).textContent = say("given");
  $(`hand-in-${draw}`).hidden = true;
  return say("handed_in_part");
}

async function load() {
  let file = null;
  try {
    file = JSON.parse(await $("part-file").files[0].text());
  } catch {
    // told below
  }
  const fits = file?.format === FORMAT && file.lot === facts.lot && file.attempt === facts.attempt && isHex(file.part, 32);
  if (!fits || hashOf(file.part) !== facts.commitments[file.draw]) throw faultOf([{ code: "other_part" }]);
  await store.put("parts", keyOf(file.draw), file.part);
  return say("part_loaded");
}

for (const draw of Object.keys(facts.commitments)) {
  $(`commit-${draw}`)?.addEventListener("click", (e) => run(e.target, () => commit(draw)));
  $(`hand-in-${draw}`)?.addEventListener("click", (e) => run(e.target, () => handIn(draw)));
}
$("load").addEventListener("click", (e) => run(e.target, load));
for (const button of document.querySelectorAll("main button[disabled]")) button.disabled = false;
document.body.dataset.ready = "yes";
