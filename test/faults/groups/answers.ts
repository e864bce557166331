import { type Fault, type Group, gap, recovered, WHOLE } from "../fault.ts";
import type { World } from "../world.ts";

/** Every status and `errorType` of the API's reference, and whether the client retries it. */
const ERRORS: readonly { status: number; errorType: string; retried: boolean }[] = [
  { status: 400, errorType: "invalid_request", retried: false },
  { status: 401, errorType: "unauthorized", retried: false },
  { status: 403, errorType: "forbidden", retried: false },
  { status: 404, errorType: "not_found", retried: false },
  { status: 409, errorType: "account_not_ready", retried: true },
  { status: 429, errorType: "rate_limit_exceeded", retried: true },
  { status: 500, errorType: "internal_server_error", retried: true },
  { status: 502, errorType: "bad_gateway", retried: true },
  { status: 503, errorType: "service_unavailable", retried: true },
  { status: 503, errorType: "endpoint_unavailable", retried: true },
  { status: 504, errorType: "timed_out", retried: true },
  // Not in the reference.
  { status: 422, errorType: "brand_new", retried: false },
];

/** The unit tests of the client cover a single failure for the others. */
const ONCE = ["unauthorized", "not_found", "account_not_ready", "rate_limit_exceeded", "endpoint_unavailable"];

const known = ERRORS.flatMap(({ status, errorType, retried }): Fault[] => {
  const code = `api_${errorType}`;
  const error = { kind: "error", status, errorType } as const;
  const once: Fault = retried
    ? {
        name: `${status} \`${errorType}\` once on every page`,
        ends: WHOLE,
        inject: (world) => {
          if (errorType === "endpoint_unavailable") world.walkSequentially();
          for (const page of [1, 2, 3]) world.injectFault({ ...error, times: 1, on: { page } });
        },
      }
    : {
        name: `${status} \`${errorType}\` once`,
        onEachPage: true,
        ends: recovered(code),
        inject: (world) => world.failOnEachPage({ ...error, times: 1 }),
      };
  const forEver: Fault = {
    name: `${status} \`${errorType}\` for ever`,
    onEachPage: true,
    ends: gap(code),
    inject: (world) => {
      if (errorType === "endpoint_unavailable") world.walkSequentially();
      world.failOnEachPage(error);
    },
  };
  return ONCE.includes(errorType) ? [once, forEver] : [forEver];
});

function limited(world: World, retryAfter: string, times?: number): void {
  world.walkSequentially();
  const fault = { kind: "error", status: 429, retryAfter, on: { page: 2 } } as const;
  world.injectFault({ ...fault, ...(times !== undefined && { times }) });
}

const waiting: Fault[] = [
  {
    name: "429 with `Retry-After: 7` once",
    ends: WHOLE,
    inject: (world) => limited(world, "7", 1),
  },
  {
    name: "429 with `Retry-After` as a date 20 s ahead, once",
    ends: WHOLE,
    inject: (world) => {
      const date = new Date(world.clock.truth() + 20_000).toUTCString();
      limited(world, date, 1);
    },
  },
  {
    name: "429 with `Retry-After: soon` once",
    ends: WHOLE,
    inject: (world) => limited(world, "soon", 1),
  },
  {
    name: "429 with `Retry-After: 240` three times",
    ends: WHOLE,
    inject: (world) => limited(world, "240", 3),
  },
  {
    name: "429 with `Retry-After: 600`, for a whole run",
    ends: recovered("deadline_exceeded"),
    inject: (world) => {
      // The run has time for two requests.
      limited(world, "600", 2);
    },
  },
  {
    name: "429 with `Retry-After: 86400` for ever",
    ends: gap("api_rate_limit_exceeded"),
    inject: (world) => limited(world, "86400"),
  },
];

export const answers: Group = { title: "The API returns an error", faults: [...known, ...waiting] };
