import { once } from "node:events";
import { createServer, type Server } from "node:http";
import { createServer as createTlsServer } from "node:https";
import type { AddressInfo, Server as TcpServer } from "node:net";
import { createServer as createTcpServer } from "node:net";
import { ENV } from "../../../core/names/environment.ts";
import type { Fault as CdpFault } from "../../../local/simulated-cdp/faults/fault.ts";
import { expect } from "../../support/jest.ts";
import { type Fault, type Group, gap, recovered, WHOLE } from "../fault.ts";
import type { FaultWorld } from "../fault-world.ts";
import { selfSigned } from "../self-signed.ts";
import { REQUEST_LIMITS_MS } from "../timers.ts";

/** The first page is cut this many times, after some more bytes each time. */
const CUTS = 60;
const BYTES_PER_CUT = 9;

const cutEverywhere = (announced: boolean): Fault => ({
  name: `a page ${announced ? "breaks off" : "is truncated in valid HTTP"} at every ninth byte in turn`,
  ends: WHOLE,
  inject: (world) => {
    world.env = { [ENV.maxAttempts]: "100" };
    for (let cut = 0; cut < CUTS; cut++) {
      const after = cut * BYTES_PER_CUT;
      const truncate: CdpFault = { kind: "change", change: ({ body }) => ({ body: body.subarray(0, after) }) };
      world.injectFault({ ...(announced ? { kind: "cut", after } : truncate), times: 1, on: { page: 1 } });
    }
  },
  // With usual pauses, so many attempts would exceed the function's timeout.
  timers: { random: 0 },
  check: ({ cdp, affected: [account] }) => {
    const token = { list: `/platform/v2/accounts/${account?.accountId}/balances`, offset: 2, page: 2 };
    const nextPageToken = Buffer.from(JSON.stringify(token)).toString("base64");
    const { length } = JSON.stringify({ balances: account?.balances.slice(0, 2), nextPageToken });
    expect(CUTS * BYTES_PER_CUT).toBeGreaterThanOrEqual(length);
    const cuts = announced ? CUTS : Math.ceil(length / BYTES_PER_CUT);
    expect(cdp.requests.filter(({ accountId }) => accountId === account?.accountId)).toHaveLength(3 + cuts);
  },
});

/** Starts a server and returns a base URL that leads to it. */
async function startElsewhere(
  world: FaultWorld,
  server: Server | TcpServer,
  protocol: "http" | "https",
): Promise<string> {
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  world.onClear(() => void server.close());
  return `${protocol}://localhost:${(server.address() as AddressInfo).port}/platform`;
}

/** Every attempt of the first run waits for the time limit. */
const waitsForTimeLimit = (fault: CdpFault): Pick<Fault, "timers" | "inject"> => ({
  timers: { awaitedLimitMs: REQUEST_LIMITS_MS.api },
  inject: (world) => {
    world.env = { [ENV.maxAttempts]: "2" };
    onPage2({ ...fault, times: 2 })(world);
  },
});

const onPage2 = (fault: CdpFault) => (world: FaultWorld) => world.injectFault({ ...fault, on: { page: 2 } });

const connections: Fault[] = [
  {
    name: "the API does not respond for a whole run of two attempts",
    ends: recovered("api_timeout"),
    ...waitsForTimeLimit({ kind: "hang" }),
  },
  {
    name: "the body arrives too slowly for a whole run of two attempts",
    ends: recovered("api_timeout"),
    ...waitsForTimeLimit({ kind: "drip", everyMs: 50 }),
  },
  {
    name: "the connection is reset once",
    onEachPage: true,
    ends: WHOLE,
    inject: (world) => world.failOnEachPage({ kind: "reset", times: 1 }),
  },
  {
    name: "the connection is reset for ever",
    ends: gap("api_unreachable"),
    inject: onPage2({ kind: "reset" }),
  },
  cutEverywhere(true),
  cutEverywhere(false),
];

const routes: Fault[] = [
  {
    name: "the connection to the API is refused",
    everyAccount: true,
    ends: gap("api_unreachable"),
    inject: async (world) => {
      const server = createTcpServer();
      world.env = { [ENV.apiBaseUrl]: await startElsewhere(world, server, "http") };
      server.close();
      await once(server, "close");
    },
  },
  {
    name: "the API's name is unknown (DNS)",
    everyAccount: true,
    ends: gap("api_unreachable"),
    inject: (world) => {
      // An invalid name fails without a DNS query, so the test needs no network.
      world.env = { [ENV.apiBaseUrl]: "https://cdp..invalid/platform" };
    },
  },
  {
    name: "the server's certificate is self-signed (TLS)",
    everyAccount: true,
    ends: gap("api_unreachable"),
    inject: async (world) => {
      const server = createTlsServer(selfSigned(), (request) => {
        throw new Error(`a request came through: ${request.url}`);
      });
      world.env = { [ENV.apiBaseUrl]: await startElsewhere(world, server, "https") };
    },
  },
  redirected(),
];

/** Asserts that the other host receives no request, with or without the token. */
function redirected(): Fault {
  let requests = 0;
  return {
    name: "a redirect to another host, for ever",
    ends: gap("api_redirect"),
    inject: async (world) => {
      const server = createServer((_, response) => {
        requests++;
        response.end("{}");
      });
      onPage2({ kind: "redirect", location: await startElsewhere(world, server, "http") })(world);
    },
    check: () => expect(requests).toBe(0),
  };
}

export const network: Group = { title: "The network", faults: [...connections, ...routes] };
