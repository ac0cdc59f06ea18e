// A bid's receipt as a sealed PDF. The platform prints it while one waits and keeps nothing; it is asked without saying who is signed in.

const PRINTER = "/api/v1/receipts/paper";

/** Offer a blob as a file. */
export function offer(name, blob) {
  const url = URL.createObjectURL(blob);
  Object.assign(document.createElement("a"), { href: url, download: name }).click();
  setTimeout(() => URL.revokeObjectURL(url), 60e3);
}

/** A button that has a receipt printed. asked(): {receipt: {receipt, signature, key}, bidder?}. said: where it tells how that went. */
export function printing(button, said, asked) {
  const { words, lang } = document.getElementById("receipt-paper").dataset, texts = JSON.parse(words);
  button.addEventListener("click", async () => {
    button.disabled = true;
    said.textContent = texts.printing;
    said.textContent = await printed(asked(), lang, texts);
    button.disabled = false;
  });
}

async function printed({ receipt: { receipt, signature, key }, bidder }, lang, texts) {
  const answer = await fetch(`${PRINTER}?lang=${lang}`, {
    method: "POST", credentials: "omit", cache: "no-store", headers: { "Content-Type": "application/json" },
    body: JSON.stringify({ receipt: { receipt, signature, key }, ...(bidder && { bidder }) }),
  }).catch(() => null);
  if (!answer?.ok) {
    const told = await answer?.json().catch(() => null);
    return told?.problems?.map((p) => p.message).join(" ") || texts.lost;
  }
  const name = /filename="([^"]+)"/.exec(answer.headers.get("Content-Disposition"))[1];
  offer(name, await answer.blob());
  return texts.done.replace("{name}", name);
}
