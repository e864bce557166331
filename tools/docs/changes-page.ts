/** The tables of docs/changes.md: what CloudFormation does when a configuration key changes, and when a stack ends. */
import { App } from "aws-cdk-lib";
import { readConfig } from "../../infra/config/context.ts";
import { BalanceSnapshotsStack } from "../../infra/stack.ts";
import { BASE, configurationsOf, type Flags, KEY_CHANGES } from "./key-changes.ts";
import { listOf, nounOf } from "./resource-nouns.ts";
import {
  ACTIONS,
  type Action,
  type Change,
  changesBetween,
  type Identity,
  identityOf,
  isFixed,
  isKept,
  isSame,
  type Resource,
  type StackTemplate,
} from "./stack-changes.ts";

const PLACEHOLDER = /(<!-- computed by npm run docs -->\n)[\s\S]*?(<!-- end -->)/;

const IN_PLACE = "in place";

const VERBS: Readonly<Record<Action, (what: string) => string>> = {
  deletes: (what) => `**deletes** ${what}`,
  keeps: (what) => `**keeps** ${what} outside the stack`,
  swaps: (what) => `adds a new ${what}; **keeps** the old one outside the stack`,
  replaces: (what) => `**replaces** ${what}`,
  adds: (what) => `adds ${what}`,
  updates: () => IN_PLACE,
};

/** Returns the document with up-to-date tables. @throws Error if it has no placeholder for them */
export function withChanges(document: string): string {
  if (!PLACEHOLDER.test(document)) throw new Error("docs/changes.md has no placeholder for the tables");
  const tables = [keyTable(), stackTable()].join("\n\n");
  return document.replace(PLACEHOLDER, (_, start, end) => `${start}\n${tables}\n\n${end}`);
}

/** Returns the table of keys. Keys with the same effects share a row. */
function keyTable(): string {
  const rows = new Map<string, string[]>();
  for (const key of Object.keys(KEY_CHANGES) as (keyof typeof KEY_CHANGES)[]) {
    const { without, set, changed } = configurationsOf(key);
    const cells = [effect(without, set), changed === undefined ? "–" : effect(set, changed), effect(set, without)];
    const row = cells.every((cell) => cell === IN_PLACE || cell === "–") ? IN_PLACE : cells.join(" | ");
    rows.set(row, [...(rows.get(row) ?? []), `\`${key}\``]);
  }
  const harmless = rows.get(IN_PLACE) ?? [];
  rows.delete(IN_PLACE);
  const lines = [...rows].map(([row, names]) => `${names.join(", ")} | ${row}`);
  return `${table("key | set it | change it | remove it", lines)}\n\nAll other keys change the stack in place: ${harmless.join(", ")}.`;
}

/** Describes what a deployment of one configuration does to a stack with another. */
function effect(before: Flags, after: Flags): string {
  const from = synthesize(before);
  const to = synthesize(after);
  if (from.name !== to.name) return "creates **another stack**";
  const changes = changesBetween(from.template, to.template);
  const conflicts = changes.flatMap(({ conflict }) => conflict ?? []);
  if (conflicts.length > 0) return `**fails**: ${[...new Set(conflicts.map(describeConflict))].join("; ")}`;
  return describe(changes);
}

const describeConflict = ({ type, properties }: Identity): string =>
  `the new ${nounOf(type) ?? type} would have the ${properties.join(" and ")} of the old one`;

function describe(changes: readonly Change[]): string {
  const shown = changes.filter(
    ({ action, type }) => action === "keeps" || (action !== "updates" && nounOf(type) !== undefined),
  );
  if (shown.length === 0) return changes.length === 0 ? "nothing" : IN_PLACE;
  const listed = new Map(
    ACTIONS.map((action) => [
      action,
      listOf(
        shown.filter((change) => change.action === action).map(({ type }) => type),
        action === "keeps",
      ),
    ]),
  );
  // The same resources under other IDs are a replacement, too.
  if (listed.get("deletes") === listed.get("adds") && !listed.get("replaces")) {
    listed.set("replaces", listed.get("adds") ?? "");
    listed.delete("deletes");
    listed.delete("adds");
  }
  const parts = [...listed].flatMap(([action, what]) => (what === "" ? [] : [VERBS[action](what)]));
  const occupied = changes.flatMap((change) => change.occupied ?? []);
  if (occupied.length > 0) parts.push(`undoing this **fails**: ${occupied.map(describeTaken).join("; ")}`);
  return parts.join("; ");
}

/** Returns the table of what happens to the stack as a whole. */
function stackTable(): string {
  const resources = Object.values(synthesize({ ...BASE, stackName: "one" }).template.Resources);
  const kept = resources.filter(({ DeletionPolicy }) => isKept(DeletionPolicy));
  const deleted = resources.filter((resource) => !kept.includes(resource));
  // `RetainExceptOnCreate` does not retain these.
  const leftovers = resources.filter(({ DeletionPolicy }) => DeletionPolicy === "Retain");
  const secondStack = Object.values(synthesize({ ...BASE, stackName: "two" }).template.Resources);
  return table("step | what remains | what is lost", [
    `the first deployment fails and is rolled back | ${named(leftovers, true) || "nothing"} | everything else`,
    `\`cdk destroy\` | ${[named(kept, true), ...callsOf(resources)].join(", ")} | everything else: ${named(deleted)}`,
    `deploy again | what \`cdk destroy\` kept, outside the stack | the new stack starts without history, key and backups; ${collisions(kept, resources)}`,
    `deploy another \`stage\` or \`stackName\` | the first stack, unchanged | nothing; the second stack starts without history, key and backups; ${collisions(resources, secondStack)}`,
  ]);
}

const named = (resources: readonly Resource[], includingParts = false): string =>
  listOf(
    resources.map(({ Type }) => Type),
    includingParts,
  );

/** Describes the names that both existing and new resources would have. */
function collisions(existing: readonly Resource[], created: readonly Resource[]): string {
  const taken = existing.flatMap((resource) => identityOf(resource) ?? []).filter(isFixed);
  const both = created
    .flatMap((resource) => identityOf(resource) ?? [])
    .filter((one) => taken.some((other) => isSame(one, other)));
  if (both.length === 0) return "no name is taken";
  return `**fails**: ${both.map(describeTaken).join("; ")}`;
}

const describeTaken = ({ type }: Identity): string => `a ${nounOf(type) ?? type} of that name exists`;

/** Returns what the calls of custom resources created that no call deletes. */
function callsOf(resources: readonly Resource[]): string[] {
  const calls = resources.flatMap(({ Type, Properties = {} }) =>
    Type === "Custom::TestEvents" && Properties["Delete"] === undefined
      ? [...JSON.stringify(Properties["Create"]).matchAll(/action\W+(\w+)/g)].map(([, action]) => `\`${action}\``)
      : [],
  );
  return calls.length === 0 ? [] : [`what ${[...new Set(calls)].join(" and ")} created`];
}

const table = (head: string, rows: readonly string[]): string =>
  [head, head.replaceAll(/[^|]+/g, " --- ").trim(), ...rows].map((row) => `| ${row.trim()} |`).join("\n");

const synthesized = new Map<string, { name: string; template: StackTemplate }>();

function synthesize(flags: Flags): { name: string; template: StackTemplate } {
  const key = JSON.stringify(flags);
  const found = synthesized.get(key);
  if (found !== undefined) return found;
  const app = new App({
    // The validation rules take seconds to load, and so do the bundles. Neither changes what the tables show.
    builtinCloudFormationValidation: false,
    context: { "aws:cdk:bundling-stacks": [], balanceSnapshots: flags },
  });
  const { stackName } = new BalanceSnapshotsStack(app, readConfig(app.node));
  const created = { name: stackName, template: app.synth().getStackByName(stackName).template as StackTemplate };
  synthesized.set(key, created);
  return created;
}
