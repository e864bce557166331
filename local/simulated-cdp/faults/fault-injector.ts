import type { RequestTarget } from "../request-target.ts";
import type { Fault } from "./fault.ts";

/** Holds the active faults and decides which of them apply to a request. */
export class FaultInjector {
  #active: { fault: Fault; remaining: number }[] = [];

  add(fault: Fault): void {
    this.#active.push({ fault, remaining: fault.times ?? Number.POSITIVE_INFINITY });
  }

  clear(): void {
    this.#active = [];
  }

  /** Returns the faults for a request, and counts each as used: all that change a page, and the oldest of the others. */
  match(target: RequestTarget): readonly Fault[] {
    const faults: Fault[] = [];
    for (const entry of this.#active) {
      const { fault } = entry;
      if (!matches(fault, target) || (!changesPage(fault) && !faults.every(changesPage))) continue;
      faults.push(fault);
      entry.remaining -= 1;
    }
    this.#active = this.#active.filter(({ remaining }) => remaining > 0);
    return faults;
  }
}

/** Whether a fault changes only a detail of a page, so that others can apply to the same request. */
export function changesPage({ kind }: Fault): boolean {
  return ["reorder", "repeat-token", "empty-token"].includes(kind);
}

function matches({ kind, on = {} }: Fault, { accountId, page, path }: RequestTarget): boolean {
  if (on.account !== undefined && on.account !== accountId) return false;
  if (on.page !== undefined && on.page !== page && !(kind === "reorder" && page > on.page)) return false;
  return typeof on.path === "string" ? path.includes(on.path) : on.path?.test(path) !== false;
}
