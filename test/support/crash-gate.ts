import { createServer, type IncomingMessage, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import { type Answer, bytesOf, type Forward, type Request, type Step, stepOf } from "./crash-step.ts";

/**
 * How a run is killed at a step.
 * - `before`: the request never leaves.
 * - `after`: the server carries it out, and the answer never arrives.
 * - `late`: the request is on its way, and the server carries it out only when the run that followed has ended.
 */
export interface Kill {
  readonly step: number;
  readonly when: "before" | "after" | "late";
}

export interface GateOptions {
  /** Has the servers carry out a request. */
  readonly forward: Forward;
  /** `undefined`: the run comes to no harm. */
  readonly kill?: Kill | undefined;
  /** Called in the very moment of the kill. */
  readonly onKill?: () => void;
  /** Awaited when the server has carried out a write, before the run hears of it. */
  readonly onWritten?: (step: Step) => Promise<void>;
}

/** The only way from one run to its servers. */
export interface Gate {
  readonly url: string;
  /** The steps that the run made alive. */
  readonly steps: readonly Step[];
  killed(): boolean;
  /** Resolves when the servers have carried out whatever passed. */
  settled(): Promise<void>;
  /** Has the server carry out what was on its way when the run was killed. @returns whether there was such a thing */
  deliverLate(): Promise<boolean>;
  close(): Promise<void>;
}

/**
 * Opens a gate on 127.0.0.1. Whatever client a run uses: the gate's address is all that it knows of its servers, so no step
 * goes by uncounted. From the kill on, nothing passes in either direction. In a process that lives on, what remains of the
 * run is refused here with an answer that nobody tries again: it ends at once, and has no effect that a dead one had not.
 */
export async function openGate({ forward, kill, onKill, onWritten }: GateOptions): Promise<Gate> {
  const steps: Step[] = [];
  const underway = new Set<Promise<unknown>>();
  let killed = false;
  let late: (() => Promise<unknown>) | undefined;

  const die = () => {
    killed = true;
    onKill?.();
  };
  const pass = async (step: Step, request: Request): Promise<Answer> => {
    const passing = forward(step, request).then(async (answer) => {
      if (step.writes !== undefined) await onWritten?.(step);
      return answer;
    });
    underway.add(passing);
    return passing.finally(() => underway.delete(passing));
  };
  const handle = async (incoming: IncomingMessage, response: ServerResponse): Promise<void> => {
    const { method = "", url = "", headers } = incoming;
    const request = { method, url, headers, body: await bytesOf(incoming) };
    if (killed) return refuse(response);
    const step = stepOf(request);
    steps.push(step);
    const fate = kill?.step === steps.length ? kill.when : undefined;
    if (fate === "late") late = () => pass(step, request);
    if (fate === "before" || fate === "late") {
      die();
      return refuse(response);
    }
    const answer = await pass(step, request);
    if (fate === "after") die();
    if (killed) return refuse(response);
    response.writeHead(answer.status, answer.headers).end(answer.body);
  };
  const server = createServer((request, response) => {
    handle(request, response).catch(() => request.socket.destroy());
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    steps,
    killed: () => killed,
    settled: async () => {
      await Promise.allSettled(underway);
    },
    deliverLate: async () => {
      await late?.();
      return late !== undefined;
    },
    close: async () => {
      const closed = new Promise<void>((resolve) => server.close(() => resolve()));
      server.closeAllConnections();
      await closed;
    },
  };
}

function refuse(response: ServerResponse): void {
  const refusal = { __type: "AccessDeniedException", errorType: "forbidden", errorMessage: "This run was killed." };
  response.writeHead(403, { "content-type": "application/json" }).end(JSON.stringify(refusal));
}
