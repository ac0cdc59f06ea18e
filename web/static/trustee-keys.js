// A trustee's keys: make or load the key file, register and rehearse every stage, hand a private key in when its stage is opened.

import { $, confirmed, facts, faultOf, give, run, save, say } from "./trustee.js";

const worker = new Worker(new URL("./trustee-worker.js", import.meta.url), { type: "module" });
const asked = new Map();
let count = 0;

worker.onmessage = ({ data: { id, result, problems } }) => {
  const { resolve, reject } = asked.get(id);
  asked.delete(id);
  problems ? reject(faultOf(problems)) : resolve(result);
};

function ask(what, more) {
  return new Promise((resolve, reject) => {
    asked.set(++count, { resolve, reject });
    worker.postMessage({ id: count, what, trustee: facts.trustee, suite: facts.suite, ...more });
  });
}

const slot = (stage) => ({ lot: facts.lot, attempt: facts.attempt, stage });

function loaded() {
  document.body.dataset.loaded = "yes";
  for (const button of document.querySelectorAll("[data-needs-key]")) button.disabled = false;
  if ($("first")) $("first").hidden = true;
}

async function create() {
  if ($("new-passphrase").value !== $("new-again").value) throw faultOf([{ code: "not_alike" }]);
  const text = await ask("create", { passphrase: $("new-passphrase").value });
  save(`gongxin-key-${facts.trustee}.json`, text);
  $("new-passphrase").value = $("new-again").value = "";
  loaded();
  return say("created");
}

async function load() {
  const file = $("key-file").files[0];
  if (!file) throw faultOf([{ code: "no_file" }]);
  await ask("load", { text: await file.text(), passphrase: $("passphrase").value });
  $("passphrase").value = "";
  loaded();
  return say("loaded");
}

/** All stages in one go; what has been done is not done again. */
async function rehearse() {
  for (const stage of facts.stages) {
    const key = await ask("publicKey", { slot: slot(stage) });
    let mine = facts.mine[stage];
    if (mine?.rehearsed && mine.public === key) continue;
    const receipt = await give("register_trustee_key", { stage, public_key: key });
    const sealed = await challenge(JSON.parse(receipt.receipt).events[0].version);
    await give("rehearse_trustee_key", { stage, answer: await ask("rehearse", { slot: slot(stage), sealed }) });
    facts.mine[stage] = { public: key, rehearsed: true };
    $(`mine-${stage}`).textContent = say("rehearsed");
    $(`mine-${stage}`).className = "tag tag-ok";
  }
  $("rehearse").hidden = true;
  $("done").hidden = false;
  return say("all_rehearsed");
}

/** The challenge sealed to the key just registered, from the public record. */
async function challenge(version) {
  const { events } = await (await fetch(`${facts.events}?after=${version - 1}`)).json();
  return JSON.parse(events[0].public).challenge;
}

async function handIn(button) {
  const stage = button.dataset.stage;
  $("hand-in-stage").textContent = button.dataset.title;
  if (!(await confirmed($("handing-in")))) return "";
  await give("release_key", { stage, private_key: await ask("handIn", { slot: slot(stage) }) });
  button.hidden = true;
  $(`mine-${stage}`).textContent = say("released");
  return say("handed_in");
}

$("create").addEventListener("click", (e) => run(e.target, create));
$("load").addEventListener("click", (e) => run(e.target, load));
$("rehearse")?.addEventListener("click", (e) => run(e.target, rehearse));
for (const button of document.querySelectorAll("[data-stage]")) button.addEventListener("click", () => run(button, () => handIn(button)));
for (const button of [$("create"), $("load")]) button.disabled = false;
document.body.dataset.ready = "yes";
