// Sealing bids and keeping trustees' keys in the browser. The formats are written down in docs/formats-sealed.md; the server's half
// is trading_core/adapters/crypto. No third-party code, nothing is fetched. Run it inside a Worker: some of it takes seconds.
//
// Keys, salts and sealed shares are hex texts; trustees are an object {name: public key}; a slot is {lot, attempt, stage}.
// Every refusal is a `Refused` with `problems: [{code, path, params}]`, codes as in the message catalogue.

export { bundle, identityCommitment, newSalt } from "./seal/bundle.js";
export { newBid, paddedSize, seal } from "./seal/container.js";
export { readKeyFile, writeKeyFile } from "./seal/keyfile.js";
export { Refused } from "./seal/refused.js";
export { Sha256 } from "./seal/sha256.js";
export { suiteOf } from "./seal/suites.js";
export { answerRehearsal, newMaster, oneTimeKey } from "./seal/trustees.js";
