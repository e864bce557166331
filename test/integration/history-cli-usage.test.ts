import { tmpdir } from "node:os";
import { expectFailure, runBalances } from "../support/history-cli.ts";
import { describe, it } from "../support/jest.ts";
import { newFolder } from "../support/new-folder.ts";

// The options of the commands that read the history: wrong ones are reported before anything is read, also without any table.

describe("a usage error ends with 2 and its message on stderr, also without any snapshots", () => {
  it.each<[name: string, args: string, message: RegExp]>([
    ["an invalid --at", "as-of --at 2025-02-30 --format csv", /^--at: "2025-02-30" is not .* Expected a date/],
    [
      "an --at in the future",
      "as-of --at 2100-01-01",
      /^--at: "2100-01-01" means 2100-01-01T23:59:59\.999Z, which is in the future: it is now .* use --at now\.$/m,
    ],
    ["an invalid --gaps-from", "accounts --gaps-from x", /^--gaps-from: "x" is not a valid date/],
    [
      "an invalid --every",
      "history --asset btc --every 7h",
      /^--every: "7h" is not a possible interval\. Expected 1d, 1w, 1mo, 3mo, 1y, or minutes or hours that/,
    ],
    [
      "gaps of accounts in the future",
      "accounts --gaps-from 2100-01-01",
      /^--gaps-from: 2100-01-01T00:00:00\.000Z is in the future: it is now .*Z\. Give an earlier --gaps-from\.$/m,
    ],
    [
      "a range in the future",
      "gaps --from 2100-01-01 --to 2100-02-01",
      /^--from: 2100-01-01T00:00:00\.000Z is in the future: it is now .*Z\. Give an earlier --from\.$/m,
    ],
    ["an invalid --max-age", "as-of --at now --max-age long", /^--max-age: "long" is not .* Expected a number/],
    ["an invalid --timezone", "latest --timezone Zurich", /^--timezone: "Zurich" is not .* Expected an IANA name/],
    [
      "an invalid --schedule",
      "gaps --schedule hourly",
      /^--schedule: "hourly" is not a valid schedule: not cron\(.*such as cron\(0 \* \* \* \? \*\)\.$/m,
    ],
    [
      "a range that ends before it starts",
      "history --asset btc --from 2025-03-09 --to 2025-03-07",
      /^--from \(.*\) is after --to .* Give an earlier --from\./,
    ],
    ["--out in a missing folder", "report --out /nowhere/x.html", /^--out: the folder \/nowhere does not.* Create it/],
    ["--out that is a folder", `export --out ${tmpdir()}`, /^--out: .* is a folder\. Expected the path of a file\./],
    ["--out that names a folder to come", "export --out nowhere/", /^--out: nowhere\/ is a folder\. Expected the path/],
    [
      "an ending that contradicts --format",
      "export --out x.csv --format json",
      /^--out: x\.csv ends in \.csv, but --format is json\. Change the file's ending\./,
    ],
    [
      "another format of the report",
      "report --out x.html --format csv",
      /'csv' is invalid\. Allowed choices are html\.$/m,
    ],
    ["--top without a ranking", "changes --top 3", /^--top is for a ranking\. Add --by value\.$/m],
    [
      "--per-account without a ranking",
      "changes --per-account",
      /^--per-account is for a ranking\. Add --by value\.$/m,
    ],
    [
      "an invalid --top",
      "changes --by value --top=1.5",
      /^--top: "1\.5" is not a valid count\. Expected a whole number from 1\.$/m,
    ],
    [
      "an unknown sum",
      "totals --by month",
      /'month' is invalid\. Allowed choices are asset, account, type, owner, key\.$/m,
    ],
    ["a missing --asset", "history", /--asset <symbol>.*\nRun with --help for usage\./],
    ["an unknown format", "latest --format xml", /'xml' is invalid\. Allowed choices are table, json, csv\.$/m],
    ["chart with --format, which it would ignore", "chart --format csv", /unknown option '--format'/],
    [
      "chart with --asset and --denomination, of which it would ignore the second",
      "chart --asset btc --denomination usd",
      /'--asset <symbol>' cannot be used with option '--denomination <symbol>'/,
    ],
    ["an empty --out", "export --out=", /^--out: the value is empty\. Give a value, or leave the option out\./],
    ["a second --asset", "history --asset btc --asset usd", /^--asset is given more than once\. Give one value\.$/m],
    ["an option in place of a value", "export --out --verbose", /^--out: the value is missing, because --verbose is/],
  ])("%s", async (_, args, message) => {
    expectFailure(await runBalances(args.split(" "), newFolder(), {}), 2, message);
  });

  it("an empty --table, which would select the embedded table", async () => {
    const ended = await runBalances(["latest", "--table", ""], newFolder(), {});

    expectFailure(ended, 2, /^--table: the value is empty\. .* Is a shell variable not set\?$/m);
  });
});
