// A trustee's key file (GXK1), as in trading_core/adapters/crypto/keyfile.py.

import { canonical, hex, isHex, systemRandom, unhex, utf8 } from "./bytes.js";
import { Refused, subtle } from "./refused.js";
import { scrypt } from "./scrypt.js";

const PASSPHRASE_MIN = 12, COST = 1 << 17, COST_MAX = 1 << 20;

/** The text to store. master: hex. */
export async function writeKeyFile({ trustee, master, passphrase, random = systemRandom }) {
  if (!isHex(master, 32)) throw new Refused({ code: "sealing.master_malformed", params: { size: 32 } });
  if ([...passphrase].length < PASSPHRASE_MIN) {
    throw new Refused({ code: "sealing.passphrase_short", path: "passphrase", params: { minimum: PASSPHRASE_MIN } });
  }
  const salt = hex(random(16)), nonce = hex(random(12));
  const data = { format: "GXK1", trustee, cipher: "AES-256-GCM", nonce, kdf: { name: "scrypt", n: COST, r: 8, p: 1, salt } };
  const sealed = await crypt("encrypt", passphrase, data, unhex(master));
  return new TextDecoder().decode(canonical({ ...data, sealed: hex(sealed) }));
}

/** {trustee, master} from the text of a key file. */
export async function readKeyFile(text, passphrase) {
  const { sealed, ...data } = parse(text);
  const master = await crypt("decrypt", passphrase, data, unhex(sealed)).catch((error) => {
    throw error instanceof Refused ? error : new Refused({ code: "sealing.passphrase_wrong", path: "passphrase" });
  });
  return { trustee: data.trustee, master: hex(master) };
}

async function crypt(way, passphrase, data, bytes) {
  const stretched = scrypt(utf8(passphrase.normalize("NFKC")), unhex(data.kdf.salt), data.kdf.n, 8, 32);
  const key = await subtle().importKey("raw", stretched, "AES-GCM", false, [way]);
  return new Uint8Array(await subtle()[way]({ name: "AES-GCM", iv: unhex(data.nonce), additionalData: canonical(data) }, key, bytes));
}

function parse(text) {
  let data;
  try {
    data = JSON.parse(text);
  } catch {
    data = null;
  }
  if (!isKeyFile(data)) throw new Refused({ code: "sealing.key_file_malformed" });
  return data;
}

function isKeyFile(data) {
  if (Object.keys(data ?? {}).sort().join() !== "cipher,format,kdf,nonce,sealed,trustee") return false;
  const kdf = data.kdf ?? {}, power = Number.isInteger(kdf.n) && kdf.n >= COST && kdf.n <= COST_MAX && !(kdf.n & (kdf.n - 1));
  const named = data.format === "GXK1" && data.cipher === "AES-256-GCM" && /^[a-z][a-z0-9_-]{0,39}$/.test(data.trustee);
  const stretched = Object.keys(kdf).sort().join() === "n,name,p,r,salt" && kdf.name === "scrypt" && kdf.r === 8 && kdf.p === 1 && power;
  return named && stretched && isHex(kdf.salt, 16) && isHex(data.nonce, 12) && isHex(data.sealed, 48);
}
