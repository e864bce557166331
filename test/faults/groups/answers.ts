import { type Fault, type Group, gap, mended, WHOLE } from "../fault.ts";
import type { World } from "../world.ts";

/** Every status and `errorType` of the API's reference, and whether the same request is asked again. */
const ERRORS: readonly { status: number; errorType: string; again: boolean }[] = [
  { status: 400, errorType: "invalid_request", again: false },
  { status: 401, errorType: "unauthorized", again: false },
  { status: 403, errorType: "forbidden", again: false },
  { status: 404, errorType: "not_found", again: false },
  { status: 409, errorType: "account_not_ready", again: true },
  { status: 429, errorType: "rate_limit_exceeded", again: true },
  { status: 500, errorType: "internal_server_error", again: true },
  { status: 502, errorType: "bad_gateway", again: true },
  { status: 503, errorType: "service_unavailable", again: true },
  { status: 503, errorType: "endpoint_unavailable", again: true },
  { status: 504, errorType: "timed_out", again: true },
  // One that the reference does not have.
  { status: 422, errorType: "brand_new", again: false },
];

const known = ERRORS.flatMap(({ status, errorType, again }): Fault[] => {
  const code = `api_${errorType}`;
  const error = { kind: "error", status, errorType } as const;
  return [
    again
      ? {
          name: `${status} \`${errorType}\` once on each page`,
          ends: WHOLE,
          begin: (world) => {
            if (errorType === "endpoint_unavailable") world.oneByOne();
            for (const page of [1, 2, 3]) world.misbehave({ ...error, times: 1, on: { page } });
          },
        }
      : {
          name: `${status} \`${errorType}\` once`,
          onEachPage: true,
          ends: mended(code),
          begin: (world) => world.misbehaveOnEachPage({ ...error, times: 1 }),
        },
    {
      name: `${status} \`${errorType}\` for ever`,
      onEachPage: true,
      ends: gap(code),
      begin: (world) => {
        if (errorType === "endpoint_unavailable") world.oneByOne();
        world.misbehaveOnEachPage(error);
      },
    },
  ];
});

function limited(world: World, retryAfter: string, times?: number): void {
  world.oneByOne();
  const fault = { kind: "error", status: 429, retryAfter, on: { page: 2 } } as const;
  world.misbehave({ ...fault, ...(times !== undefined && { times }) });
}

const waiting: Fault[] = [
  {
    name: "429 with `Retry-After: 7` once",
    ends: WHOLE,
    begin: (world) => limited(world, "7", 1),
  },
  {
    name: "429 with `Retry-After` as a date 20 s ahead, once",
    ends: WHOLE,
    begin: (world) => {
      const date = new Date(world.clock.truth() + 20_000).toUTCString();
      limited(world, date, 1);
    },
  },
  {
    name: "429 with `Retry-After: soon` once",
    ends: WHOLE,
    begin: (world) => limited(world, "soon", 1),
  },
  {
    name: "429 with `Retry-After: 240` three times",
    ends: WHOLE,
    begin: (world) => limited(world, "240", 3),
  },
  {
    name: "429 with `Retry-After: 600`, for a whole run",
    ends: mended("deadline_exceeded"),
    begin: (world) => {
      // It is asked twice in the run's time.
      limited(world, "600", 2);
    },
  },
  {
    name: "429 with `Retry-After: 86400` for ever",
    ends: gap("api_rate_limit_exceeded"),
    begin: (world) => limited(world, "86400"),
  },
];

export const answers: Group = { title: "The API answers with an error", faults: [...known, ...waiting] };
