import { readFileSync } from "node:fs";
import { InputError } from "../../../core/domain/errors.ts";
import type { SlotRange } from "../../../core/domain/history-source.ts";
import { isObject } from "../../../core/domain/json.ts";
import { isSlot, slotAt } from "../../../core/domain/slot.ts";
import { decodeText } from "../../../core/domain/text-encoding.ts";
import type { Transfer, TransferRead, TransferSet } from "../../../core/domain/transfer.ts";
import { describeValue } from "../../../core/domain/untrusted-text.ts";
import { digestOf, type Json } from "../../../core/integrity/canonical.ts";
import { decodeTransfers, wireTransfer } from "../../../core/transfer-format.ts";
import { commandWords } from "../npm-run.ts";
import { shellWord } from "../shell-word.ts";

const FORMAT = 1;

const EXPECTED = "Expected the file of balances reconcile --save-transfers.";

/** Problems of a file that a message names. */
const MAX_NAMED = 5;

/** Returns the text of a file that holds transfers, and what they cover. */
export function transfersFileText({ reads, transfers }: TransferSet): string {
  const content = { format: FORMAT, reads, transfers: sortedById(transfers).map(wireTransfer) };
  return `${JSON.stringify(content, null, 2)}\n`;
}

/** Returns the SHA-256 of transfers, sorted by id, in canonical form and the API's format. In hex. */
export function digestOfTransfers(transfers: readonly Transfer[]): string {
  // JSON leaves out fields that are undefined.
  return digestOf(JSON.parse(JSON.stringify(sortedById(transfers).map(wireTransfer))) as Json);
}

/** Returns the command that saves the transfers of a period, without the options that select accounts and the key. */
export function saveCommand({ from, to }: SlotRange, path: string): string {
  return commandWords(`reconcile --from ${slotAt(from)} --to ${slotAt(to)} --save-transfers ${shellWord(path)}`);
}

/** Reads a file of transfers. @throws InputError that names the option `--transfers` */
export function readTransfersFile(path: string): TransferSet {
  let text: string;
  try {
    text = decodeText(readFileSync(path));
  } catch (thrown) {
    const { code } = thrown as NodeJS.ErrnoException;
    throw new InputError("usage", [`--transfers: cannot read ${path} (${code}). ${EXPECTED}`]);
  }
  return parseTransfersFile(text, path);
}

/** Parses the text of a file of transfers. @throws InputError with its problems, at most a few */
export function parseTransfersFile(text: string, path: string): TransferSet {
  const content = parsed(text);
  if (!isObject(content)) throw unusable(path, ["it is not a JSON object"]);
  const { format, reads, transfers } = content;
  // The rest of another format would only be described with misleading problems.
  if (format !== FORMAT)
    throw unusable(path, [`format is ${format === undefined ? "missing" : describeValue(format)}, not ${FORMAT}`]);
  const problems = [...readsProblems(reads), ...(Array.isArray(transfers) ? [] : ["transfers: expected array"])];
  const decoded = decodeTransfers(Array.isArray(transfers) ? transfers : []);
  if (decoded.problems !== undefined) problems.push(decoded.problems);
  else problems.push(...repeated(decoded.value).map((id) => `transfers: ${id} occurs more than once`));
  if (problems.length > 0 || decoded.problems !== undefined) throw unusable(path, problems);
  return { reads: reads as readonly TransferRead[], transfers: sortedById(decoded.value) };
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text.replace(/^\uFEFF/, ""));
  } catch {
    return undefined;
  }
}

function readsProblems(reads: unknown): string[] {
  if (!Array.isArray(reads)) return ["reads: expected array"];
  return reads.flatMap((read: unknown, at) => {
    if (!isObject(read)) return [`reads.${at}: expected object`];
    const { key, accountIds, updatedAfter, readAt, denied } = read;
    const isText = (value: unknown) => typeof value === "string";
    const isTime = (value: unknown) => typeof value === "string" && isSlot(value);
    const rules = [
      ["key", key === null || isText(key), "string or null"],
      ["accountIds", Array.isArray(accountIds) && accountIds.every(isText), "array of strings"],
      ["updatedAfter", isTime(updatedAfter), "an instant such as 2026-10-31T23:00:00.000Z"],
      ["readAt", isTime(readAt), "an instant such as 2026-10-31T23:00:00.000Z"],
      ["denied", typeof denied === "boolean", "true or false"],
    ] as const;
    return rules.flatMap(([field, isValid, expected]) =>
      isValid ? [] : [`reads.${at}.${field}: expected ${expected}`],
    );
  });
}

function repeated(transfers: readonly Transfer[]): string[] {
  const ids = sortedById(transfers).map(({ transferId }) => transferId);
  return [...new Set(ids.filter((id, at) => id === ids[at - 1]))];
}

/** Returns transfers in the order of their ids, in which a file holds them. */
export function sortedById(transfers: readonly Transfer[]): readonly Transfer[] {
  return [...transfers].sort((a, b) => (a.transferId < b.transferId ? -1 : a.transferId > b.transferId ? 1 : 0));
}

function unusable(path: string, problems: readonly string[]): InputError {
  const more = problems.length - MAX_NAMED;
  const named = [...problems.slice(0, MAX_NAMED), ...(more > 0 ? [`and ${more} more`] : [])].join("; ");
  return new InputError("usage", [`--transfers: ${path} is not a file of transfers: ${named}. ${EXPECTED}`]);
}
