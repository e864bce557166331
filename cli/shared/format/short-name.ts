import { printable } from "../../../core/domain/untrusted-text.ts";
import { truncateWidth } from "./display-width.ts";

/** The columns of a terminal that the name of an account takes at most, beside its id. */
const MAX_NAME_WIDTH = 24;

/** Returns the name of an account as it is beside its id: truncated, with escapes for what cannot be seen. */
export function shortName(name: string): string {
  return truncateWidth(printable(name), MAX_NAME_WIDTH);
}
