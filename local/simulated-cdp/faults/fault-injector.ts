import type { PageTwists } from "../pages.ts";
import type { Target } from "../request-target.ts";
import { type Answer, contentAnswer, errorAnswer } from "../response.ts";
import type { Fault } from "./fault.ts";

/** The faults that are only a touch on an answer: any number of them can strike the same request. */
type Modifier = Extract<Fault, { kind: "slow" | "reorder" | "repeat-token" | "empty-token" }>;
/** The faults that decide what is sent, or whether: only one can strike a request. */
type ResponseFault = Exclude<Fault, Modifier>;

/** What strikes one request. */
export interface FaultPlan {
  /** ms to wait in addition. */
  slowMs: number;
  twists: PageTwists;
  blow: ResponseFault | undefined;
}

/** The faults that are waiting for their requests. */
export class FaultInjector {
  #waiting: { fault: Fault; left: number }[] = [];

  add(fault: Fault): void {
    this.#waiting.push({
      fault,
      left: fault.times ?? Number.POSITIVE_INFINITY,
    });
  }

  forget(): void {
    this.#waiting = [];
  }

  /** What strikes this request: every touch, and of the blows the one that was added first. Each counts as used. */
  match(target: Target): FaultPlan {
    const misfortune: FaultPlan = { slowMs: 0, twists: {}, blow: undefined };
    for (const waiting of this.#waiting) {
      const { fault } = waiting;
      if (!fits(fault, target)) continue;
      if (isTouch(fault)) touch(misfortune, fault);
      else if (misfortune.blow === undefined) misfortune.blow = fault;
      else continue;
      waiting.left -= 1;
    }
    this.#waiting = this.#waiting.filter(({ left }) => left > 0);
    return misfortune;
  }
}

/** The answer that a fault puts in the place of the right one, if it is of that kind. */
export function substitute(blow: ResponseFault | undefined): Answer | undefined {
  switch (blow?.kind) {
    case "error":
      return errorAnswer(blow.status, blow);
    case "html":
      return contentAnswer(
        blow.status ?? 502,
        "text/html",
        "<html><head><title>Bad gateway</title></head><body><h1>Bad gateway</h1></body></html>",
      );
    case "empty":
      return { status: blow.status ?? 200, headers: {}, body: Buffer.alloc(0) };
    case "redirect":
      return {
        status: 302,
        headers: { location: blow.location },
        body: Buffer.alloc(0),
      };
    case "body":
      return contentAnswer(blow.status ?? 200, blow.contentType ?? "application/json", blow.body);
    default:
      return undefined;
  }
}

function fits({ kind, on = {} }: Fault, { accountId, page, path }: Target): boolean {
  if (on.account !== undefined && on.account !== accountId) return false;
  if (on.page !== undefined && on.page !== page && !(kind === "reorder" && page > on.page)) return false;
  if (on.path === undefined) return true;
  // Not test(): a RegExp with the flag g would remember where it was.
  return typeof on.path === "string" ? path.includes(on.path) : path.search(on.path) >= 0;
}

function isTouch(fault: Fault): fault is Modifier {
  return ["slow", "reorder", "repeat-token", "empty-token"].includes(fault.kind);
}

function touch(misfortune: FaultPlan, fault: Modifier): void {
  switch (fault.kind) {
    case "slow":
      misfortune.slowMs += fault.ms;
      break;
    case "reorder":
      misfortune.twists.reorder = true;
      break;
    case "repeat-token":
      misfortune.twists.repeatToken = true;
      break;
    case "empty-token":
      misfortune.twists.emptyToken = true;
      break;
  }
}
