import { describeFailures } from "../../../demo/failed-requests.ts";
import type { RecordedRequest } from "../../../local/simulated-cdp/server.ts";
import { expect, it } from "../../support/jest.ts";

const request = (page: string, changes: Partial<RecordedRequest> = {}): RecordedRequest => ({
  ...{ method: "GET", path: "/v2/balances", query: { pageToken: page }, accountId: undefined, page: 1, token: "" },
  ...{ status: 200, fault: undefined },
  ...changes,
});
const unavailable = { status: 503, fault: "error" } as const;
const limited = { status: 429 };
const reset = { status: 0, fault: "reset" } as const;
const cut = { fault: "cut" } as const;

it.each([
  ["no failure", [request("a"), request("b")], undefined],
  [
    "an error, a refusal and two damaged responses, all sent again",
    [
      request("a", unavailable),
      request("b", limited),
      request("a", reset),
      request("b", cut),
      request("a"),
      request("b"),
    ],
    "4 of 6 requests failed (1 × HTTP 503, 1 × HTTP 429, 1 × connection reset, 1 × response cut off); sent again, all succeeded",
  ],
  [
    "two failures of which one was sent again",
    [request("a", unavailable), request("b", unavailable), request("a")],
    "2 of 3 requests failed (2 × HTTP 503); sent again, 1 succeeded",
  ],
  ["a failure that was not sent again", [request("a", limited)], "1 of 1 request failed (1 × HTTP 429)"],
])("describes the requests of a run with %s", (_, requests, expected) => {
  expect(describeFailures(requests)).toBe(expected);
});
