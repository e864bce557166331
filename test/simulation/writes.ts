import type { Item } from "../support/world/world.ts";
import type { Write } from "./oracle/facts.ts";

/** Returns what a put of an item means, by the keys in `core/table/keys.ts`; `undefined` for an item that readers do not show. */
export function writeOf(item: Item): Write | undefined {
  const text = (name: string) => item[name]?.S ?? "";
  const [partition, sort, trigger, code] = [text("account"), text("slot"), text("trigger"), text("code")];
  if (partition === "catalog") {
    const [subject = "", slot = "", event = ""] = sort.split(" ");
    if (subject === "schedule") {
      const latenessMs = Number(item["latenessLimitMs"]?.N);
      return { kind: "schedule", since: slot, expression: text("expression"), timezone: text("timezone"), latenessMs };
    }
    if (subject === "names") return { kind: "names", refreshedAt: text("refreshedAt") };
    const name = item["name"]?.S;
    const account = { accountId: subject, slot, event, since: text("at"), ...(name !== undefined && { name }) };
    return event === "" ? undefined : { kind: "account", ...account };
  }
  if (partition === "runs") {
    const { S, M, L } = item["scope"] ?? {};
    const scope =
      S ?? (M && { first: M["first"]?.S ?? "", last: M["last"]?.S ?? "" }) ?? L?.map(({ S = "" }) => S) ?? [];
    return { kind: "failedRun", slot: sort.split("#")[0] ?? "", trigger, code, scope };
  }
  if (!/^account_[a-f0-9-]{36}$/.test(partition)) return undefined;
  const of = { accountId: partition, slot: sort, trigger };
  return text("status") === "complete" ? { kind: "complete", ...of } : { kind: "failed", ...of, code };
}
