import type { Head } from "./entry.ts";
import { finding, type IntegrityFinding } from "./integrity-finding.ts";
import type { CheckedEntries } from "./verify-entries.ts";

/** Returns one finding, for the first head that differs: after it, the chains differ. */
export function checkAnchors(
  accountId: string,
  anchors: readonly Head[],
  { hashes, head }: CheckedEntries,
): IntegrityFinding[] {
  const ordered = [...anchors].sort((a, b) => a.sequence - b.sequence);
  const wrong = ordered.filter(({ sequence, hash }) => hashes.get(sequence) !== hash);
  const [first] = wrong;
  if (first === undefined) return [];
  const { sequence, slot, at } = first;
  const lastMatch = ordered.filter((anchor) => anchor.sequence < sequence).at(-1);
  const evidence =
    lastMatch === undefined
      ? "No older head was given."
      : `The head of entry ${lastMatch.sequence}, kept at ${lastMatch.at}, matches.`;
  const more = wrong.length === 1 ? "" : ` ${wrong.length - 1} later heads differ too.`;
  const subject = { accountId, slot, sequence };
  if (!hashes.has(sequence)) {
    const state =
      head === undefined
        ? "the chain has no entries"
        : head.sequence > sequence
          ? "the chain does not have this entry"
          : `the chain ends with entry ${head.sequence}: its end was deleted`;
    const problem = `A head of entry ${sequence} was kept at ${at}, but ${state}.${more} ${evidence}`;
    return [finding(subject, "anchor_missing", problem)];
  }
  const problem = `Entry ${sequence} differs from the head that was kept at ${at}: the history was rewritten.${more} ${evidence}`;
  return [finding(subject, "anchor_differs", problem)];
}
