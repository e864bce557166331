import { describe, expect, it } from "@jest/globals";
import type { Fault } from "../../../local/simulated-cdp/faults/fault.ts";
import { parseFault } from "../../../local/simulated-cdp/faults/parse-fault.ts";

const ID = "account_af2937b0-9846-4fe7-bfe9-ccc22d935114";

describe("parseFault", () => {
  it.each<[string, Fault]>([
    [
      `kind=error,status=503,errorType=a,retryAfter=Mon, 23 Nov 2026,account=${ID},page=2,times=3`,
      {
        kind: "error",
        status: 503,
        errorType: "a",
        retryAfter: "Mon, 23 Nov 2026",
        on: { account: ID, page: 2 },
        times: 3,
      },
    ],
    ["kind=hang", { kind: "hang" }],
    ["kind=cut,after=10,announced=true", { kind: "cut", after: 10, announced: true }],
    ["kind=drip,everyMs=5,bytes=20", { kind: "drip", everyMs: 5, bytes: 20 }],
    ["kind=gzip,how=cut", { kind: "gzip", how: "cut" }],
    ["kind=pad,bytes=1000", { kind: "pad", bytes: 1000 }],
    ["kind=mislabel,contentType=text/plain", { kind: "mislabel", contentType: "text/plain" }],
    ['kind=replace,text="a",by="a","b"', { kind: "replace", text: '"a"', by: '"a","b"' }],
    ["kind=replace,text=x,by=", { kind: "replace", text: "x", by: "" }],
    ["kind=slow,ms=250,path=/balances", { kind: "slow", ms: 250, on: { path: "/balances" } }],
    ['kind=body,body={"a":1,"b":"x=y"},status=200', { kind: "body", body: '{"a":1,"b":"x=y"}', status: 200 }],
  ])("parses %s", (text, fault) => {
    expect(parseFault(text)).toEqual(fault);
  });

  it.each([
    ["kind=explode", /"explode" is not a valid kind of fault. Expected one of error, html, empty/],
    ["status=503", /"kind" is missing. Expected one of error/],
    ["kind=html,colour=red", /"colour" is not a valid key for a fault of kind html. Expected .*times, status/],
    ["kind=hang,status=500", /"status" is not a valid key for a fault of kind hang/],
    ["kind=error", /"status" is missing/],
    ["kind=error,status=999", /"status=999" is not valid. Expected an integer from 200 to 599/],
    ["kind=cut,after=1,announced=maybe", /"announced=maybe" is not valid. Expected true or false/],
    ["kind=gzip,how=badly", /"how=badly" is not valid. Expected whole or cut or claimed/],
    ["kind=replace,text=,by=x", /"text=" is not valid/],
    ["kind=drip", /"everyMs" is missing/],
    ["kind=hang,account=mine", /"account=mine" is not valid. Expected .*account_/],
    ["kind=hang,times=0", /"times=0" is not valid. Expected an integer of at least 1/],
    ["kind=hang,page=1,page=2", /"page" is given twice/],
    ["hang", /"hang" is not a valid field. Expected key=value/],
  ])("rejects %s", (text, message) => {
    expect(() => parseFault(text)).toThrow(message);
  });
});
