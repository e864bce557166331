import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "@jest/globals";
import { messageWithFix } from "../../core/domain/errors.ts";
import { LOCAL_FOLDER, startEmbeddedDynamo } from "../../local/dynamodb/embedded-dynamodb.ts";
import { startBalances } from "../support/history-cli.ts";

let home: string;
let local: string;
beforeEach(async () => {
  home = mkdtempSync(join(tmpdir(), "damaged-"));
  local = join(home, LOCAL_FOLDER);
  await (await startEmbeddedDynamo(local)).close();
});
afterEach(() => rmSync(home, { recursive: true }));

describe("the database in .local", () => {
  const message =
    /^Cannot open the database in .*\.local\/dynamodb: (Corruption|IO error): .* start with an empty one\.$/;
  const open = () => startEmbeddedDynamo(local).catch(messageWithFix);

  it("reports a database that cannot be opened, and a lock that is a file", async () => {
    writeFileSync(join(local, "dynamodb/CURRENT"), "nowhere\n");
    expect(await open()).toMatch(message);

    rmSync(join(local, "lock"), { recursive: true });
    writeFileSync(join(local, "lock"), "");
    expect(await open()).toMatch(/^Cannot open the database in .*\.local: .*lock/);
  });

  it("ends a command without a stack trace if damage is found while it reads", async () => {
    // LevelDB moves its log to a table file when it opens the database again.
    await (await startEmbeddedDynamo(local)).close();
    const files = readdirSync(join(local, "dynamodb")).filter((name) => name.endsWith(".ldb"));
    for (const file of files.map((name) => join(local, "dynamodb", name))) {
      writeFileSync(file, Buffer.from(readFileSync(file).map((byte, at) => (at < 400 ? byte ^ 0x5a : byte))));
    }

    const { code, stdout, stderr } = await startBalances(["accounts"], home, {});

    expect(files).not.toEqual([]);
    expect(stderr.trimEnd()).toMatch(message);
    expect({ code, stdout }).toEqual({ code: 1, stdout: "" });
  });
});
