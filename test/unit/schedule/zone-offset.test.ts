import { IANAZone } from "luxon";
import { zoneOffset } from "../../../core/schedule/zone-offset.ts";
import { describe, expect, it } from "../../support/jest.ts";
import { SOME_TIME_ZONES } from "../../support/time-zones.ts";

const INSTANTS = [
  "0050-03-01T00:00:00.000Z",
  "1850-01-01T12:00:00.500Z",
  "1969-12-31T23:59:59.999Z",
  "2011-12-30T10:00:00.000Z",
  "2026-03-29T00:59:59.999Z",
  "2026-03-29T01:00:00.000Z",
  "2026-10-25T01:00:00.000Z",
].map((time) => Date.parse(time));

describe("zoneOffset", () => {
  it("returns the offsets that Luxon has", () => {
    for (const timezone of SOME_TIME_ZONES) {
      const zone = IANAZone.create(timezone);

      const offsets = INSTANTS.map(zoneOffset(timezone));

      // Luxon counts in minutes, which rounds the offsets of the time before time zones.
      expect([timezone, ...offsets]).toEqual([
        timezone,
        ...INSTANTS.map((instant) => Math.round(zone.offset(instant) * 60_000)),
      ]);
    }
  });

  it("refuses a time zone that Node.js does not know", () => {
    expect(() => zoneOffset("Mars/Olympus")).toThrow(RangeError);
  });
});
