import Big from "big.js";
import type { StatementColumn } from "../../../report-page/statement/document.ts";
import type { StatementOutput } from "./statement-output.ts";

export const ENDS = ["opening", "closing"] as const;
export type End = (typeof ENDS)[number];

/** Returns a column of amounts. */
export function amountColumn(title: string): StatementColumn {
  return { title, kind: "amount" };
}

/** Returns whether an account has a known balance at both ends, so that there are changes. */
export function isCompared({ accounts }: StatementOutput): boolean {
  return accounts.some((account) => ENDS.every((end) => account[end].state === "known"));
}

/** Returns a change with its sign; empty if it is unknown. */
export function signed(change: string | null): string {
  if (change === null || change === "") return "";
  if (isZero(change)) return "0";
  return change.startsWith("-") ? change : `+${change}`;
}

export function isZero(change: string | null): boolean {
  return new Big(change ?? "0").eq(0);
}
