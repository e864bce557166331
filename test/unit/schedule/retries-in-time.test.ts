import { readFileSync } from "node:fs";
import { retriesInTime } from "../../../core/schedule/retries-in-time.ts";
import { expect, it } from "../../support/jest.ts";

it("a schedule has room for a retry from three minutes on, and for both from five minutes on", () => {
  const minutes = [1, 2, 3, 4, 5, 6, 60, 24 * 60];

  expect(minutes.map((period) => retriesInTime(period * 60))).toEqual([0, 0, 1, 1, 2, 2, 2, 2]);
});

it("a lateness limit that is shorter than the period counts instead", () => {
  expect([120, 121, 240, 241].map(retriesInTime)).toEqual([0, 1, 1, 2]);
});

it("docs/configuration.md states the number of retries for each period", () => {
  const page = readFileSync(new URL("../../../docs/configuration.md", import.meta.url), "utf8");

  const rows = [...page.matchAll(/^\| every (\d) (?:or \d )?minutes.* \| (\d) +\|$/gm)];

  expect(rows.map(([, minutes, retries]) => [Number(minutes), Number(retries)])).toEqual([
    ...[1, 3, 5].map((minutes) => [minutes, retriesInTime(minutes * 60)]),
  ]);
});
