// A small cupboard in this browser (IndexedDB). What lies here never left the machine by itself.

/** The named stores of a database: {get, put, drop, keys}, each taking the store's name first. */
export function openStore(database, stores) {
  const opened = new Promise((resolve, reject) => {
    const request = indexedDB.open(database, 1);
    request.onupgradeneeded = () => stores.forEach((name) => request.result.createObjectStore(name));
    request.onsuccess = () => resolve(request.result);
    request.onerror = () => reject(request.error);
  });
  const run = async (name, mode, ask) => {
    const transaction = (await opened).transaction(name, mode);
    return new Promise((resolve, reject) => {
      const request = ask(transaction.objectStore(name));
      transaction.oncomplete = () => resolve(request.result);
      transaction.onabort = transaction.onerror = () => reject(transaction.error);
    });
  };
  return {
    get: (name, key) => run(name, "readonly", (s) => s.get(key)),
    put: (name, key, value) => run(name, "readwrite", (s) => s.put(value, key)),
    drop: (name, key) => run(name, "readwrite", (s) => s.delete(key)),
    dropAll: (name, prefix) => run(name, "readwrite", (s) => s.delete(IDBKeyRange.bound(prefix, `${prefix}\uffff`))),
    keys: (name) => run(name, "readonly", (s) => s.getAllKeys()),
  };
}

/** Bids by `${uscc}|${lot}`: {current, draft}. Pieces of sealed envelopes by `${bid}/${stage}/${number}`: {sha256, blob}. */
export const bids = () => openStore("gongxin-bids", ["bids", "pieces"]);
export const bidKey = (uscc, lot) => `${uscc}|${lot}`;
