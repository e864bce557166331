import { parseFault } from "../../../demo/parse-fault.ts";
import type { Fault } from "../../../local/simulated-cdp/faults/fault.ts";
import { expect, it } from "../../support/jest.ts";

it.each<[string, Fault]>([
  ["kind=error,status=503,times=3", { kind: "error", status: 503, times: 3 }],
  ["kind=html,path=/balances", { kind: "html", on: { path: "/balances" } }],
  ["kind=reset", { kind: "reset" }],
  ["kind=cut,after=10", { kind: "cut", after: 10 }],
])("--fault %s is a fault", (text, fault) => {
  expect(parseFault(text)).toEqual(fault);
});

it.each([
  ["kind=explode", /"explode" is not a valid kind of fault\. Expected kind= and one of error, html, reset, cut\.$/],
  ["status=503", /"" is not a valid kind of fault/],
  ["kind=html,colour=red", /"colour" is not a field of kind=html\. Expected kind, path, times\.$/],
  ["kind=reset,status=500", /"status" is not a field of kind=reset/],
  ["kind=error", /kind=error requires status=\.$/],
  ["kind=error,status=999", /"status=999" is not valid\. Expected a value that matches/],
  ["kind=cut,after=half", /"after=half" is not valid/],
  ["kind=html,times=0", /"times=0" is not valid/],
  ["html", /is not a valid kind of fault/],
])("--fault %s is rejected", (text, message) => {
  expect(() => parseFault(text)).toThrow(message);
});
