import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { ENV } from "../../../core/names/environment.ts";
import type { Fault as CdpFault } from "../../../local/simulated-cdp/faults/fault.ts";
import { expect } from "../../support/jest.ts";
import { newFolder } from "../../support/new-folder.ts";
import { type Fault, type Group, gap, recovered, WHOLE } from "../fault.ts";
import type { FaultWorld } from "../fault-world.ts";

const error = (status: number, errorType: string) => ({ kind: "error", status, errorType }) as const;

/** Each of three accounts gets another error, each at another page. */
function forEver(...errors: readonly (readonly [status: number, errorType: string])[]): Fault {
  const names = errors.map(([status, errorType]) => `${status} \`${errorType}\``);
  return {
    name: `${names.slice(0, -1).join(", ")} or ${names.at(-1)} for ever`,
    affected: errors.length,
    ends: gap(...errors.map(([, errorType]) => `api_${errorType}`)),
    inject: (world) => world.failEach(errors.map((of, at) => ({ ...error(...of), on: { page: at + 1 } }))),
  };
}

const onEveryPage = (world: FaultWorld, fault: CdpFault) => {
  for (const page of [1, 2, 3]) world.injectFault({ ...fault, times: 1, on: { page } });
};

const UNAVAILABLE = error(503, "endpoint_unavailable");

const errors: Fault[] = [
  {
    name: "401 `unauthorized` once",
    onEachPage: true,
    ends: WHOLE,
    inject: (world) => world.failOnEachPage({ ...error(401, "unauthorized"), times: 1 }),
  },
  {
    name: "401 `unauthorized` for ever",
    onEachPage: true,
    ends: gap("api_unauthorized"),
    inject: (world) => world.failOnEachPage(error(401, "unauthorized")),
  },
  {
    name: "403 `forbidden` for ever",
    onEachPage: true,
    ends: gap("api_forbidden"),
    inject: (world) => world.failOnEachPage(error(403, "forbidden")),
  },
  // 422 is not in the API's reference.
  forEver([400, "invalid_request"], [404, "not_found"], [422, "brand_new"]),
  {
    name: "409 `account_not_ready` once on every page",
    ends: WHOLE,
    inject: (world) => onEveryPage(world, error(409, "account_not_ready")),
  },
  forEver([409, "account_not_ready"], [429, "rate_limit_exceeded"], [502, "bad_gateway"]),
  forEver([500, "internal_server_error"], [503, "service_unavailable"], [504, "timed_out"]),
  {
    name: "503 `endpoint_unavailable` once on every page",
    ends: WHOLE,
    inject: (world) => {
      world.walkSequentially();
      onEveryPage(world, UNAVAILABLE);
    },
  },
  {
    name: "503 `endpoint_unavailable` for ever",
    onEachPage: true,
    ends: gap("api_endpoint_unavailable"),
    inject: (world) => {
      world.walkSequentially();
      world.failOnEachPage(UNAVAILABLE);
    },
  },
];

function limited(world: FaultWorld, retryAfter: string, times?: number): void {
  world.walkSequentially();
  const fault = { kind: "error", status: 429, retryAfter, on: { page: 2 } } as const;
  world.injectFault({ ...fault, ...(times !== undefined && { times }) });
}

const waiting: Fault[] = [
  {
    name: "429 with `Retry-After` as a date 20 s ahead, once",
    ends: WHOLE,
    inject: (world) => limited(world, new Date(world.clock.truth() + 20_000).toUTCString(), 1),
  },
  {
    name: "429 with `Retry-After: 240` three times",
    ends: WHOLE,
    inject: (world) => limited(world, "240", 3),
  },
  {
    name: "429 with `Retry-After: 600`, for a whole run",
    ends: recovered("deadline_exceeded"),
    // The run has time for two requests.
    inject: (world) => limited(world, "600", 2),
  },
  {
    name: "429 with `Retry-After: 86400` for ever",
    ends: gap("api_rate_limit_exceeded"),
    inject: (world) => limited(world, "86400"),
  },
];

/** The accounts are configured, and the list of accounts, which only their names need, cannot be read. */
const withoutNames = (name: string, fault: ReturnType<typeof error>): Fault => ({
  name: `${name}, for the names of configured accounts`,
  ends: WHOLE,
  // No names are known, so the run asks for them.
  emptyTable: true,
  inject: (world) => {
    const file = join(newFolder(), "configuration.json");
    writeFileSync(file, JSON.stringify({ accounts: world.accounts.map(({ accountId }) => accountId) }));
    world.env = { [ENV.configurationFile]: file };
    world.injectFault({ ...fault, on: { path: /accounts$/ } });
  },
  check: ({ invocations }) =>
    expect(invocations.map(({ logs }) => logs.filter(({ level }) => level === "WARN"))).toMatchObject([
      [{ message: "Names of accounts not refreshed", error: { code: `api_${fault.errorType}` } }],
    ]),
});

const names: Fault[] = [
  withoutNames("403 `forbidden` for ever", error(403, "forbidden")),
  withoutNames("503 `service_unavailable` for ever", error(503, "service_unavailable")),
];

export const answers: Group = { title: "The API returns an error", faults: [...errors, ...waiting, ...names] };
