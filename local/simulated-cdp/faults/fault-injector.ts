import type { PageModifier } from "../pages.ts";
import type { RequestTarget } from "../request-target.ts";
import type { Fault } from "./fault.ts";

/**
 * Faults that decide which response is sent, and whether one is sent. At most one applies to a request. Any number of
 * other faults, which change a detail, can apply to the same request.
 */
type ResponseFault = Exclude<Fault, { kind: "slow" | PageModifier }>;

/** The faults that apply to one request. */
export interface FaultPlan {
  /** Additional latency in ms. */
  delayMs: number;
  pageModifiers: Set<PageModifier>;
  responseFault: ResponseFault | undefined;
}

/** Holds the active faults and decides which of them apply to a request. */
export class FaultInjector {
  #active: { fault: Fault; remaining: number }[] = [];

  add(fault: Fault): void {
    this.#active.push({ fault, remaining: fault.times ?? Number.POSITIVE_INFINITY });
  }

  clear(): void {
    this.#active = [];
  }

  /** Returns the faults for a request: all matching modifiers and the oldest matching response fault. Counts each as used. */
  match(target: RequestTarget): FaultPlan {
    const plan = emptyPlan();
    for (const entry of this.#active) {
      const { fault } = entry;
      if (!matches(fault, target)) continue;
      if (fault.kind === "slow") plan.delayMs += fault.ms;
      else if (isPageModifier(fault)) plan.pageModifiers.add(fault.kind);
      else if (plan.responseFault === undefined) plan.responseFault = fault;
      else continue;
      entry.remaining -= 1;
    }
    this.#active = this.#active.filter(({ remaining }) => remaining > 0);
    return plan;
  }
}

export function emptyPlan(): FaultPlan {
  return { delayMs: 0, pageModifiers: new Set(), responseFault: undefined };
}

function matches({ kind, on = {} }: Fault, { accountId, page, path }: RequestTarget): boolean {
  if (on.account !== undefined && on.account !== accountId) return false;
  if (on.page !== undefined && on.page !== page && !(kind === "reorder" && page > on.page)) return false;
  if (on.path === undefined) return true;
  // Not RegExp.test(): with the flag g it would continue after the previous match.
  return typeof on.path === "string" ? path.includes(on.path) : path.search(on.path) >= 0;
}

function isPageModifier(fault: Fault): fault is Extract<Fault, { kind: PageModifier }> {
  return ["reorder", "repeat-token", "empty-token"].includes(fault.kind);
}
