// Amounts on the bidder's own machine: reading yuan, writing fen in figures and words, as trading_core/domain/money.py does.

const DIGITS = "零壹贰叁肆伍陆柒捌玖";
const PLACES = ["分", "角", "", "拾", "佰", "仟", "", "拾", "佰", "仟", "", "拾", "佰", "仟", "", "拾"];
const YUAN = /^([0-9]{1,13}|[0-9]{1,3}(?:,[0-9]{3}){1,4})(?:\.([0-9]{1,2}))?$/;

/** Whole fen of an amount typed in yuan; null when it is none. */
export function fenFromYuan(text) {
  const found = YUAN.exec(text.trim());
  if (!found) return null;
  const fen = Number(found[1].replaceAll(",", "")) * 100 + Number((found[2] ?? "").padEnd(2, "0"));
  return Number.isSafeInteger(fen) ? fen : null;
}

export function yuanText(fen) {
  const whole = String(Math.trunc(fen / 100)).replace(/\B(?=(\d{3})+$)/g, ",");
  return `${whole}.${String(fen % 100).padStart(2, "0")}`;
}

/** The amount in words (大写). fen: a whole number, at least 0. */
export function daxie(fen) {
  if (fen === 0) return "零元整";
  const text = String(fen), digits = [...text].map((d, i) => [text.length - 1 - i, Number(d)]).filter(([, d]) => d);
  let words = "";
  digits.forEach(([place, digit], i) => {
    const next = i + 1 < digits.length ? digits[i + 1][0] : -1;
    words += DIGITS[digit] + PLACES[place] + sections(place, next);
    if (next >= 0 && next < place - 1) words += gap(place, next);
  });
  return words + (fen % 100 ? "" : "整");
}

/** What closes between two digits: 万 and 亿 of their four-digit sections, and 元. */
function sections(place, next) {
  const closes = [[14, "万", place >= 14], [10, "亿", place >= 10], [6, "万", place >= 6 && place < 10], [2, "元", place >= 2]];
  return closes.filter(([bottom, , filled]) => filled && next < bottom).map(([, word]) => word).join("");
}

function gap(place, next) {
  if (next === 1) return "";
  if ([5, 9, 13].includes(next)) return Math.floor((place - 2) / 4) - Math.floor((next - 2) / 4) > 1 ? "零" : "";
  return "零";
}
