import { readFileSync } from "node:fs";
import type { AttributeValue } from "@aws-sdk/client-dynamodb";
import type { RawItem } from "../unit/table/embedded.ts";

export const PAGE = readFileSync(new URL("../../docs/format.md", import.meta.url), "utf8");

/** A row of a table of attributes. `balances.*` is each member of a map, `fiat[]` each element of a list. */
export interface DocumentedAttribute {
  readonly types: readonly string[];
  readonly isAlways: boolean;
}

/** The attributes of each kind of item, by their names. */
export const DOCUMENTED: ReadonlyMap<string, ReadonlyMap<string, DocumentedAttribute>> = new Map(
  PAGE.split(/^## /m).flatMap((section): [string, Map<string, DocumentedAttribute>][] => {
    const rows = [...section.matchAll(/^\| `([^`]+)` +\| ([SNLM][^|]*?) +\| ([^|]+?) +\|/gm)];
    const [kind = ""] = section.split("\n");
    const attributes = rows.map(([, name = "", types = "", present]): [string, DocumentedAttribute] => [
      name,
      { types: types.split(/, | or /), isAlways: present === "always" },
    ]);
    return rows.length === 0 ? [] : [[kind, new Map(attributes)]];
  }),
);

const A = "account_[a-f0-9-]{36}";
const INSTANT = "\\d{4}-\\d\\d-\\d\\dT\\d\\d:\\d\\d:\\d\\d\\.\\d{3}Z";

/** The kinds by their keys, as the page describes them. */
const KEYS: readonly (readonly [kind: string, keys: string])[] = [
  ["Snapshot", `${A} / ${INSTANT} complete`],
  ["Failed attempt", `${A} / ${INSTANT} failed`],
  ["Part", `${A}#parts / ${INSTANT}#[a-f0-9-]{36}#\\d{4}`],
  ["Chain entry", `${A}#chain / \\d{10}`],
  ["Failed run", `runs / ${INSTANT}#[a-f0-9-]{36}`],
  ["Account event", `catalog / ${A} ${INSTANT} (pending|start|end|described)`],
  ["Assets", "catalog / assets \\d{10}"],
  ["Schedule", `catalog / schedule ${INSTANT}( [a-z][a-z0-9-]*)?`],
  ["Key list", "catalog / list [a-z][a-z0-9-]*"],
  ["Names refresh", "catalog / names( [a-z][a-z0-9-]*)?"],
];

export function kindOf({ account, slot, status }: RawItem): string {
  const keys = `${account?.S} / ${slot?.S}${status === undefined ? "" : ` ${status.S}`}`;
  return KEYS.find(([, pattern]) => new RegExp(`^${pattern}$`).test(keys))?.[0] ?? `unknown: ${keys}`;
}

/** Maps whose names are data. */
const BY_SYMBOL = ["totals", "balances", "assets"];

/** Returns the attributes of an item, without its keys, and the type of each, named as in the page. */
export function attributesOf({ account: _, slot: __, ...item }: RawItem): [name: string, type: string][] {
  const nested = (name: string, value: AttributeValue): [string, string][] => {
    const [type = ""] = Object.keys(value);
    const members = Object.entries(value.M ?? {}).flatMap(([member, inner]) =>
      nested(`${name}.${BY_SYMBOL.includes(name) ? "*" : member}`, inner),
    );
    return [[name, type], ...members, ...(value.L ?? []).flatMap((element) => nested(`${name}[]`, element))];
  };
  return Object.entries(item).flatMap(([name, value]) => nested(name, value));
}
