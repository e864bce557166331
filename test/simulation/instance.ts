import type { EventEmitter } from "node:events";
import { readFileSync } from "node:fs";
import { createRequire } from "node:module";
import { type Readable, Writable } from "node:stream";
import { compileFunction } from "node:vm";
import type { SimulatedTime } from "./time.ts";

/** The globals of a module that an instance of the function has of its own. */
const GLOBALS = [
  ...["require", "module", "exports", "process", "Date", "Math", "performance"],
  ...["setTimeout", "clearTimeout", "AbortSignal", "crypto"],
];

type Handler = (event: unknown, context: { getRemainingTimeInMillis(): number }) => Promise<unknown>;

/** What the function tells `node:http` about a request to the API. */
export interface HttpOptions {
  readonly headers: Readonly<Record<string, string>>;
}

/** What an instance of the function needs from the world. */
export interface InstanceOptions {
  readonly env: Readonly<Record<string, string>>;
  readonly time: SimulatedTime;
  /** Returns how far the function's clock is ahead of the true time, in milliseconds. */
  readonly clockErrorMs: () => number;
  /** Returns a number from 0 to 1. */
  readonly random: () => number;
  /** `get` of `node:http`, which the function uses for requests to the API. */
  readonly get: (url: URL, options: HttpOptions, onResponse: (response: Readable) => void) => EventEmitter;
  /** Called before each request to AWS, and before its response is delivered. Returns `false` if the process is dead. */
  readonly onAws: (phase: "request" | "response") => boolean;
}

/** A process of the deployed function. */
export interface Instance {
  readonly handler: Handler;
  /** Returns what was written to stdout and stderr since the last call. */
  takeOutput(): string;
}

const require = createRequire(import.meta.url);

/**
 * Loads the deployed bundle. Each call of the returned function starts another process of it: the same compiled code with
 * its own state, variables, clock and timers. Only the clock is fake; requests go over sockets to real servers.
 */
export function loadBundle(path: string): (options: InstanceOptions) => Instance {
  // A compiled function cannot import, and imports could not be replaced.
  const source = readFileSync(path, "utf8").replaceAll(/\bawait import\(("node:\w+")\)/g, "await require($1)");
  const start = compileFunction(source, GLOBALS, { filename: path });
  return (options) => {
    const module = { exports: {} as { handler: Handler } };
    let output = "";
    const stream = new Writable({
      write: (chunk, _encoding, done) => {
        output += chunk;
        done();
      },
    });
    const globals = globalsOf(options, { ...process, env: { ...options.env }, stdout: stream, stderr: stream });
    start(...GLOBALS.map((name) => ({ module, exports: module.exports, ...globals })[name]));
    return {
      handler: module.exports.handler,
      takeOutput: () => {
        const taken = output;
        output = "";
        return taken;
      },
    };
  };
}

function globalsOf({ time, clockErrorMs, random, get, onAws }: InstanceOptions, fakeProcess: object) {
  const now = () => time.now + clockErrorMs();
  class FunctionDate extends Date {
    constructor(...given: unknown[]) {
      if (given.length === 0) super(now());
      else super(...(given as [number]));
    }
    static override now = now;
  }
  const process = Object.setPrototypeOf(fakeProcess, Object.getPrototypeOf(globalThis.process));
  const modules: Record<string, unknown> = {
    "node:process": process,
    "node:timers/promises": {
      setTimeout: (ms: number, _value: unknown, { signal }: { signal?: AbortSignal } = {}) => time.sleep(ms, signal),
    },
    "node:fs/promises": counted(require("node:fs/promises"), time),
    "node:http": { ...require("node:http"), get, request: countedRequest(time, onAws) },
  };
  const globals: Record<string, unknown> = {
    require: (name: string) => modules[name] ?? require(name),
    process,
    Date: FunctionDate,
    Math: Object.create(Math, { random: { value: random } }),
    performance: { now: () => time.now },
    setTimeout: time.setTimeout,
    clearTimeout: time.clearTimeout,
    AbortSignal: new Proxy(AbortSignal, {
      get: (target, name) => (name === "timeout" ? (ms: number) => timeoutSignal(time, ms) : Reflect.get(target, name)),
    }),
    crypto: new Proxy(crypto, {
      get: (target, name) => {
        const value = Reflect.get(target, name);
        if (name === "subtle") return counted(value as object, time);
        return typeof value === "function" ? value.bind(target) : value;
      },
    }),
  };
  return globals;
}

/** Returns an object whose asynchronous methods stop the time until they end. */
function counted(of: object, time: SimulatedTime): object {
  return new Proxy(of, {
    get: (target, name) => {
      const value = Reflect.get(target, name);
      if (typeof value !== "function") return value;
      return (...args: unknown[]) => {
        const returned = value.apply(target, args);
        return returned instanceof Promise ? time.during(returned) : returned;
      };
    },
  });
}

/** Returns Node's `request`, for the AWS SDK. Time stops until a request ends. A dead process sends and receives nothing. */
function countedRequest(time: SimulatedTime, onAws: InstanceOptions["onAws"]) {
  const { request } = require("node:http") as typeof import("node:http");
  return (options: import("node:http").RequestOptions, onResponse: (response: unknown) => void) => {
    if (!onAws("request")) return new Writable({ write: () => {} });
    const sent = request(options, (response) => {
      if (onAws("response")) onResponse(response);
      else response.resume();
    });
    void time.during(new Promise((resolve) => sent.once("close", resolve)));
    return sent;
  };
}

function timeoutSignal(time: SimulatedTime, ms: number): AbortSignal {
  const controller = new AbortController();
  time.setTimeout(() => controller.abort(new DOMException("The operation timed out.", "TimeoutError")), ms);
  return controller.signal;
}
