// A trustee's secrets, off the page. The master stays in this thread; only public keys and answers come out by themselves, a private
// key only when the page asks for it to be handed in.

import { answerRehearsal, newMaster, oneTimeKey, readKeyFile, Refused, writeKeyFile } from "./seal.js";

let master = "";

const DOES = {
  async create({ trustee, passphrase }) {
    const made = newMaster(), text = await writeKeyFile({ trustee, master: made, passphrase });
    master = made;
    return text;
  },
  async load({ trustee, text, passphrase }) {
    const read = await readKeyFile(text, passphrase);
    if (read.trustee !== trustee) throw new Refused({ code: "other_trustee", params: { trustee: read.trustee } });
    master = read.master;
  },
  publicKey: ({ slot, suite }) => oneTimeKey(master, slot, suite).public,
  rehearse: ({ slot, suite, sealed, trustee }) =>
    answerRehearsal({ private: oneTimeKey(master, slot, suite).private, sealed, trustee, slot, suite }),
  handIn: ({ slot, suite }) => oneTimeKey(master, slot, suite).private,
};

onmessage = async ({ data: { id, what, ...more } }) => {
  try {
    postMessage({ id, result: await DOES[what](more) });
  } catch (error) {
    postMessage({ id, problems: error instanceof Refused ? error.problems : [{ code: "failed", params: { text: String(error) } }] });
  }
};
