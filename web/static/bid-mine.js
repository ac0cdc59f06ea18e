// Which lots this browser holds a receipt for: only the browser knows, so only the browser can say.

import { bids } from "./bid-store.js";

const store = bids();
for (const tag of document.querySelectorAll("[data-my-bid]")) {
  store.get("bids", tag.dataset.myBid).then((kept) => {
    if (!kept?.current) return;
    tag.textContent = tag.dataset.yes;
    tag.classList.replace("tag-warn", "tag-ok");
  });
}
