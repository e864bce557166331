import { once } from "node:events";
import { createServer, type Server } from "node:http";
import { createServer as createTlsServer } from "node:https";
import type { AddressInfo, Server as TcpServer } from "node:net";
import { createServer as createTcpServer } from "node:net";
import { expect } from "@jest/globals";
import { ENV } from "../../../core/names/environment.ts";
import type { Fault as CdpFault } from "../../../local/simulated-cdp/faults/fault.ts";
import { type Fault, type Group, gap, recovered, WHOLE } from "../fault.ts";
import { selfSigned } from "../self-signed.ts";
import type { World } from "../world.ts";

/** The first page of each account is cut this many times, after another byte each time. */
const CUTS = { accounts: 6, each: 90 };

const cutAtEveryByte = (announced: boolean): Fault => ({
  name: `a page ${announced ? "breaks off" : "is truncated in valid HTTP"} after each of its bytes in turn`,
  affected: CUTS.accounts,
  ends: WHOLE,
  inject: (world) => {
    world.env = { [ENV.maxAttempts]: "100" };
    for (const [nth, { accountId }] of world.affected.entries()) {
      for (let cut = 0; cut < CUTS.each; cut++) {
        const after = nth * CUTS.each + cut;
        world.cdp.misbehave({ kind: "cut", after, announced, times: 1, on: { account: accountId, page: 1 } });
      }
    }
  },
  // With usual pauses, a hundred attempts would exceed the function's timeout.
  timers: { random: 0 },
  check: ({ cdp, affected, other }) => {
    const token = { list: `/platform/v2/accounts/${affected[0]?.accountId}/balances`, offset: 2, page: 2 };
    const nextPageToken = Buffer.from(JSON.stringify(token)).toString("base64");
    const { length } = JSON.stringify({ balances: affected[0]?.balances.slice(0, 2), nextPageToken });
    expect(CUTS.accounts * CUTS.each).toBeGreaterThanOrEqual(length);
    const cuts = announced ? CUTS.accounts * CUTS.each : length;
    const pages = cdp.requests.filter(({ accountId }) => accountId !== undefined && accountId !== other.accountId);
    expect(pages).toHaveLength(CUTS.accounts * 3 + cuts);
  },
});

/** Starts a server and returns a base URL that leads to it. */
async function startElsewhere(world: World, server: Server | TcpServer, protocol: "http" | "https"): Promise<string> {
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  world.onClear(() => void server.close());
  return `${protocol}://localhost:${(server.address() as AddressInfo).port}/platform`;
}

const waitsForTimeLimit = { timers: { speed: 5 } };

const onPage2 = (fault: CdpFault) => (world: World) => world.injectFault({ ...fault, on: { page: 2 } });

const connections: Fault[] = [
  {
    name: "the API does not respond for a whole run",
    ends: recovered("api_timeout"),
    inject: onPage2({ kind: "hang", times: 6 }),
    ...waitsForTimeLimit,
  },
  {
    name: "the API does not respond once",
    ends: WHOLE,
    inject: onPage2({ kind: "hang", times: 1 }),
    ...waitsForTimeLimit,
  },
  {
    name: "the body arrives too slowly for a whole run",
    ends: recovered("api_timeout"),
    inject: onPage2({ kind: "drip", everyMs: 50, times: 6 }),
    ...waitsForTimeLimit,
  },
  {
    name: "the body arrives slowly, but within the time limit",
    ends: WHOLE,
    inject: onPage2({ kind: "drip", everyMs: 1, bytes: 20 }),
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
  cutAtEveryByte(true),
  cutAtEveryByte(false),
  {
    name: "the body breaks off for ever",
    ends: gap("api_unreachable"),
    inject: onPage2({ kind: "cut", after: 100, announced: true }),
  },
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
  {
    name: "the server does not support TLS",
    everyAccount: true,
    ends: gap("api_unreachable"),
    inject: async (world) => {
      world.env = { [ENV.apiBaseUrl]: await startElsewhere(world, createServer(), "https") };
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
