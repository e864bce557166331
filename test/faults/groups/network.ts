import { once } from "node:events";
import { createServer, type Server } from "node:http";
import { createServer as createTlsServer } from "node:https";
import type { AddressInfo, Server as TcpServer } from "node:net";
import { createServer as createTcpServer } from "node:net";
import { expect } from "@jest/globals";
import { ENV } from "../../../core/names/environment.ts";
import type { Fault as CdpFault } from "../../../local/simulated-cdp/faults/fault.ts";
import { type Fault, type Group, gap, mended, WHOLE } from "../fault.ts";
import { selfSigned } from "../self-signed.ts";
import type { World } from "../world.ts";

/** Of so many accounts the first page is cut so many times, after another byte each time. */
const CUTS = { accounts: 6, each: 90 };

const cutAtEveryByte = (announced: boolean): Fault => ({
  name: `a page ${announced ? "breaks off" : "ends, in well-formed HTTP,"} after byte 0, 1, 2 … to its last but one`,
  struck: CUTS.accounts,
  ends: WHOLE,
  begin: (world) => {
    world.env = { [ENV.maxAttempts]: "100" };
    for (const [nth, { accountId }] of world.struck.entries()) {
      for (let cut = 0; cut < CUTS.each; cut++) {
        const after = nth * CUTS.each + cut;
        world.cdp.misbehave({ kind: "cut", after, announced, times: 1, on: { account: accountId, page: 1 } });
      }
    }
  },
  // Otherwise a hundred attempts would take longer than a run may.
  pace: { draw: 0 },
  check: ({ cdp, struck, other }) => {
    const token = { list: `/platform/v2/accounts/${struck[0]?.accountId}/balances`, offset: 2, page: 2 };
    const nextPageToken = Buffer.from(JSON.stringify(token)).toString("base64");
    const { length } = JSON.stringify({ balances: struck[0]?.balances.slice(0, 2), nextPageToken });
    expect(CUTS.accounts * CUTS.each).toBeGreaterThanOrEqual(length);
    const cuts = announced ? CUTS.accounts * CUTS.each : length;
    const pages = cdp.requests.filter(({ accountId }) => accountId !== undefined && accountId !== other.accountId);
    expect(pages).toHaveLength(CUTS.accounts * 3 + cuts);
  },
});

/** A server at which the function's base URL is pointed. */
async function startElsewhere(world: World, server: Server | TcpServer, protocol: "http" | "https"): Promise<string> {
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  world.onHeal(() => void server.close());
  return `${protocol}://localhost:${(server.address() as AddressInfo).port}/platform`;
}

/** Whoever waits for an answer waits a fifth of the time. */
const slow = { pace: { speed: 5 } };

const onPage2 = (fault: CdpFault) => (world: World) => world.misbehave({ ...fault, on: { page: 2 } });

const ofConnections: Fault[] = [
  {
    name: "the connection is accepted and nothing is ever answered, for a whole run",
    ends: mended("api_timeout"),
    begin: onPage2({ kind: "hang", times: 6 }),
    ...slow,
  },
  {
    name: "the connection is accepted and nothing is answered, once",
    ends: WHOLE,
    begin: onPage2({ kind: "hang", times: 1 }),
    ...slow,
  },
  {
    name: "the body comes a byte at a time, and too slowly, for a whole run",
    ends: mended("api_timeout"),
    begin: onPage2({ kind: "drip", everyMs: 50, times: 6 }),
    ...slow,
  },
  {
    name: "the body comes drop by drop, and in time",
    ends: WHOLE,
    begin: onPage2({ kind: "drip", everyMs: 1, bytes: 20 }),
  },
  {
    name: "the connection is reset once",
    onEachPage: true,
    ends: WHOLE,
    begin: (world) => world.misbehaveOnEachPage({ kind: "reset", times: 1 }),
  },
  {
    name: "the connection is reset for ever",
    ends: gap("api_unreachable"),
    begin: onPage2({ kind: "reset" }),
  },
  cutAtEveryByte(true),
  cutAtEveryByte(false),
  {
    name: "the body breaks off for ever",
    ends: gap("api_unreachable"),
    begin: onPage2({ kind: "cut", after: 100, announced: true }),
  },
];

const ofTheWay: Fault[] = [
  {
    name: "nobody listens at the API's address",
    forAll: true,
    ends: gap("api_unreachable"),
    begin: async (world) => {
      const server = createTcpServer();
      world.env = { [ENV.apiBaseUrl]: await startElsewhere(world, server, "http") };
      server.close();
      await once(server, "close");
    },
  },
  {
    name: "the API's name is not known (DNS)",
    forAll: true,
    ends: gap("api_unreachable"),
    begin: (world) => {
      // A name that no resolver even asks for, so that it needs no network.
      world.env = { [ENV.apiBaseUrl]: "https://cdp..invalid/platform" };
    },
  },
  {
    name: "the server's certificate is its own (TLS)",
    forAll: true,
    ends: gap("api_unreachable"),
    begin: async (world) => {
      const server = createTlsServer(selfSigned(), (request) => {
        throw new Error(`a request came through: ${request.url}`);
      });
      world.env = { [ENV.apiBaseUrl]: await startElsewhere(world, server, "https") };
    },
  },
  {
    name: "the server speaks no TLS",
    forAll: true,
    ends: gap("api_unreachable"),
    begin: async (world) => {
      world.env = { [ENV.apiBaseUrl]: await startElsewhere(world, createServer(), "https") };
    },
  },
  redirected(),
];

/** The other host is asked for nothing, neither with the token nor without. */
function redirected(): Fault {
  let asked = 0;
  return {
    name: "a redirect to another host, for ever",
    ends: gap("api_redirect"),
    begin: async (world) => {
      const server = createServer((_, response) => {
        asked++;
        response.end("{}");
      });
      onPage2({ kind: "redirect", location: await startElsewhere(world, server, "http") })(world);
    },
    check: () => expect(asked).toBe(0),
  };
}

export const network: Group = { title: "The network", faults: [...ofConnections, ...ofTheWay] };
