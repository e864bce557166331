import { type Facts, type RunFact, writesOf } from "./facts.ts";
import { disturbancesOf } from "./isolation.ts";

/** The names of accounts at a time, by id; `undefined`: it has none. */
export type ShownNames = ReadonlyMap<string, string | undefined>;

const dayOf = (at: number) => new Date(at).toISOString().slice(0, 10);

/** Judges what runs wrote about names: only true ones, refreshed once in a UTC day, and then right for every account. */
export function judgeNames(facts: Facts, runs: readonly RunFact[]): string[] {
  const refreshes = writesOf(facts, "names");
  const undisturbed = runs.filter(
    (run) => !run.died && run.error === undefined && disturbancesOf(facts, run).length === 0,
  );
  return [
    ...untrueNames(facts),
    ...undisturbed.flatMap((run) => {
      const days = [dayOf(run.from), dayOf(run.to)];
      const ofDay = refreshes.filter(({ at, refreshedAt }) => at <= run.to && days.includes(refreshedAt.slice(0, 10)));
      const own = ofDay.filter(({ runs: [only, ...others] }) => only === run.run && others.length === 0);
      const where = `run ${run.run} of ${new Date(run.from).toISOString()}`;
      if (ofDay.length === 0) return [`${where}: nobody has refreshed the names of that day`];
      if (own.length === 0) return [];
      const isRepeated = days[0] === days[1] && ofDay.some(({ at }) => at < run.from);
      return [
        ...(isRepeated ? [`${where}: it has refreshed the names again`] : []),
        ...outdatedNames(facts, run).map((problem) => `${where}: ${problem}`),
      ];
    }),
  ];
}

/** Judges the names that the history shows for a time: the last ones that were written for it, or else the first ones. */
export function judgeShownNames(facts: Facts, at: number, shown: ShownNames): string[] {
  return facts.accounts.flatMap(({ accountId }) => {
    const names = namesOf(facts, accountId).toSorted((a, b) => Date.parse(a.since) - Date.parse(b.since));
    const expected = (names.findLast(({ since }) => Date.parse(since) <= at) ?? names[0])?.name;
    const name = shown.get(accountId);
    return name === expected ? [] : [`${accountId} is shown as ${name} for ${at}, expected ${expected}`];
  });
}

function namesOf(facts: Facts, accountId: string) {
  return writesOf(facts, "account").filter((write) => write.accountId === accountId && write.name !== undefined);
}

/** A name changes at most once in a run. */
function untrueNames(facts: Facts): string[] {
  return facts.accounts.flatMap((account) =>
    namesOf(facts, account.accountId).flatMap(({ name, at, runs }) => {
      const starts = facts.runs.filter(({ run }) => runs.includes(run)).map(({ from }) => from);
      const names = [...starts, at].map((time) => account.nameAt(time));
      return names.includes(name ?? "") ? [] : [`${account.accountId} was never called ${name} before ${at}`];
    }),
  );
}

function outdatedNames(facts: Facts, run: RunFact): string[] {
  const { accountIds } = run.configuration;
  return facts.accounts.flatMap((account) => {
    const { accountId, lives } = account;
    const isWhole = lives.some(({ from, to }) => from <= run.from && to > run.to);
    const isConfigured = accountIds?.includes(accountId) ?? true;
    if (!isWhole || !isConfigured || disturbancesOf(facts, run, accountId).length > 0) return [];
    const last = namesOf(facts, accountId).findLast(({ at }) => at <= run.to)?.name;
    const isTrue = [run.from, run.to].some((at) => account.nameAt(at) === last);
    return isTrue ? [] : [`${accountId} is called ${account.nameAt(run.to)}, and the table has ${last}`];
  });
}
