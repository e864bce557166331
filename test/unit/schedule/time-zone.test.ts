import { DateTime } from "luxon";
import { checkTimeZone } from "../../../core/schedule/time-zone.ts";
import { describe, expect, it } from "../../support/jest.ts";
import { SOME_TIME_ZONES } from "../../support/time-zones.ts";

const OLD_NAMES =
  "UTC GMT EST MST7MDT CET PRC NZ-CHAT GB-Eire W-SU Zulu Etc/UTC Etc/GMT+2 Etc/GMT-14 US/Pacific Asia/Calcutta " +
  "Asia/Kolkata Europe/Kyiv America/Port_of_Spain America/Port-au-Prince America/Argentina/Ushuaia";

describe("checkTimeZone", () => {
  it("accepts the names of the IANA database, which Luxon reads as the same zone", () => {
    const january = Date.UTC(2026, 0, 15, 10, 20);

    for (const name of [...SOME_TIME_ZONES, ...OLD_NAMES.split(" ")]) {
      expect(() => checkTimeZone(name)).not.toThrow();
      const expected = new Intl.DateTimeFormat("sv", { timeZone: name, dateStyle: "short", timeStyle: "short" });
      expect([name, DateTime.fromMillis(january, { zone: name }).toFormat("yyyy-MM-dd HH:mm")]).toEqual([
        name,
        expected.format(january),
      ]);
    }
  });

  it.each([
    ...["", " ", "Mars/Olympus", "Europe/Zürich", "Europe/Berlin ", "local", "system", "default", "Etc/Unknown"],
    ...["UTC+2", "utc+2", "UTC-05:30", "UTC+0", "GMT+2", "+01:00", "Z"],
    // Names that Node.js accepts although the IANA database does not have them.
    ...["PST", "IST", "ACT", "SystemV/EST5EDT", "asia/kolkata", "Asia/kolkata", "gmt"],
  ])("refuses %p, which Luxon or Node.js may accept", (name) => {
    expect(() => checkTimeZone(name)).toThrow(
      /^(Node\.js \d+\.\S+ does not know it|it is not a name in the IANA|spell it)/,
    );
  });
});
