import { type Facts, writesOf } from "./facts.ts";
import type { Answer } from "./snapshots.ts";

/** Judges `verify` on an honest history: no finding, and every snapshot has its entry. */
export function judgeVerify(facts: Facts, { stdout, stderr, code }: Answer): string[] {
  const problems = code === 0 && !stdout.includes('"finding"') ? [] : [`verify ends with ${code}: ${stdout}${stderr}`];
  for (const { accountId } of facts.accounts) {
    const count = writesOf(facts, "complete").filter((write) => write.accountId === accountId).length;
    const snapshots = count === 1 ? "1 snapshot" : `${count} snapshots`;
    // The id is in parentheses behind a name.
    if (count > 0 && !new RegExp(`${accountId}\\)?: ${snapshots}, `).test(stderr))
      problems.push(`verify does not find ${snapshots} of ${accountId}`);
  }
  return problems;
}
