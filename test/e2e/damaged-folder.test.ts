import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "@jest/globals";
import { TableStore } from "../../core/table/snapshot-store.ts";
import { LOCAL_FOLDER, LOCAL_TABLE, startEmbeddedDynamo } from "../../local/dynamodb/embedded-dynamodb.ts";
import { startBalances } from "../support/history-cli.ts";
import { patientClient } from "../support/history-table.ts";
import { snapshotWith } from "../unit/domain/snapshots.ts";

let home: string;
let database: string;
beforeEach(async () => {
  home = mkdtempSync(join(tmpdir(), "damaged-"));
  database = join(home, LOCAL_FOLDER, "dynamodb");
  const dynamo = await startEmbeddedDynamo(join(home, LOCAL_FOLDER));
  const client = patientClient(dynamo.url);
  await new TableStore(client, LOCAL_TABLE).save(snapshotWith({ btc: { btc: ["1", "1"] } }), []);
  client.destroy();
  await dynamo.close();
  // What was logged becomes a table at the next opening.
  await (await startEmbeddedDynamo(join(home, LOCAL_FOLDER))).close();
});
afterEach(() => rmSync(home, { recursive: true }));

/** Spoils the files of the database with such names. @returns how many there are */
function spoil(names: RegExp, how: (content: Buffer) => Buffer): number {
  const files = readdirSync(database).filter((name) => names.test(name));
  for (const name of files) writeFileSync(join(database, name), how(readFileSync(join(database, name))));
  return files.length;
}

describe("a database in .local that", () => {
  const told =
    /^The database in \.local\/dynamodb cannot be used: (Corruption|IO error): .*put a copy of it back, or move it away to start afresh\.\n$/;

  it("cannot be opened is told without a stack trace", async () => {
    spoil(/^CURRENT$/, () => Buffer.from("nowhere\n"));

    const { code, stdout, stderr } = await startBalances(["accounts"], home, {});

    expect(stderr).toMatch(told);
    expect({ code, stdout }).toEqual({ code: 1, stdout: "" });
  });

  it("turns out to be damaged while it is read is told, too", async () => {
    const spoiled = spoil(/\.ldb$/, (content) => content.map((byte, at) => (at < 400 ? byte ^ 0x5a : byte)) as Buffer);

    const { code, stdout, stderr } = await startBalances(["accounts"], home, {});

    expect(spoiled).toBeGreaterThan(0);
    expect(stderr).toMatch(told);
    expect({ code, stdout }).toEqual({ code: 1, stdout: "" });
  });

  it("has something else in the place of its lock is told, too", async () => {
    const lock = join(home, LOCAL_FOLDER, "lock");
    rmSync(lock, { recursive: true });
    writeFileSync(lock, "");

    const { code, stderr } = await startBalances(["accounts"], home, {});

    expect(stderr).toMatch(/^The database in \.local cannot be used: .*lock.*\n$/);
    expect(code).toBe(1);
  });
});
