import { escapeHtml } from "../build/body.ts";

const DECIMAL = /^([-+]?)(\d+)(\.\d+)?$/;

/** A decimal with a fraction that is a word of a sentence. */
const DECIMAL_IN_TEXT = /(?<=^|[ (])[-+]?\d+\.\d+(?=$|[ )])/g;

/** Returns a text as HTML. What is between U+2068 and U+2069 has its own direction. */
export function textHtml(text: string): string {
  return escapeHtml(text).replaceAll("\u2068", "<bdi>").replaceAll("\u2069", "</bdi>");
}

/** Returns a sentence as HTML, whose amounts look like those of the tables. */
export function sentenceHtml(text: string): string {
  return textHtml(text).replace(DECIMAL_IN_TEXT, amountHtml);
}

/** Returns an amount in groups of three digits, which margins separate: a copy of the text has no separators. */
export function amountHtml(text: string): string {
  const [, sign = "", whole, fraction = ""] = DECIMAL.exec(text) ?? [];
  if (whole === undefined) return noValue(text);
  const groups = whole.replace(/\B(?=(\d{3})+$)/g, " ").split(" ");
  const grouped = groups.map((group) => `<span>${group}</span>`).join("");
  return `<span class="whole">${sign.replace("-", "−")}${grouped}</span><span class="fraction">${fraction}</span>`;
}

/** Returns words that stand for an amount. */
export function noValue(text: string): string {
  return `<span class="none">${escapeHtml(text)}</span>`;
}

/** Returns the length of the fraction of a decimal, with its point. Texts have none. */
export function fractionLength(text: string): number {
  return DECIMAL.exec(text)?.[3]?.length ?? 0;
}
