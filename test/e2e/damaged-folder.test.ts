import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "@jest/globals";
import { TableStore } from "../../core/table/snapshot-store.ts";
import { Table } from "../../core/table/table.ts";
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
  await new TableStore(new Table(client, LOCAL_TABLE)).save(snapshotWith({ btc: { btc: ["1", "1"] } }), []);
  client.destroy();
  await dynamo.close();
  // LevelDB moves its log to a table file when it opens the database again.
  await (await startEmbeddedDynamo(join(home, LOCAL_FOLDER))).close();
});
afterEach(() => rmSync(home, { recursive: true }));

/** Changes the content of the database's files with matching names. @returns the number of files */
function corruptFiles(names: RegExp, change: (content: Buffer) => Buffer): number {
  const files = readdirSync(database).filter((name) => names.test(name));
  for (const name of files) writeFileSync(join(database, name), change(readFileSync(join(database, name))));
  return files.length;
}

describe("the database in .local", () => {
  const message = new RegExp(
    "^Cannot open the database in \\.local/dynamodb: (Corruption|IO error): .*" +
      "restore a copy of it, or move it away to start with an empty one\\.\n$",
  );

  it("reports a database that cannot be opened, without a stack trace", async () => {
    corruptFiles(/^CURRENT$/, () => Buffer.from("nowhere\n"));

    const { code, stdout, stderr } = await startBalances(["accounts"], home, {});

    expect(stderr).toMatch(message);
    expect({ code, stdout }).toEqual({ code: 1, stdout: "" });
  });

  it("reports damage that is found while it is read", async () => {
    const corrupted = corruptFiles(
      /\.ldb$/,
      (content) => content.map((byte, at) => (at < 400 ? byte ^ 0x5a : byte)) as Buffer,
    );

    const { code, stdout, stderr } = await startBalances(["accounts"], home, {});

    expect(corrupted).toBeGreaterThan(0);
    expect(stderr).toMatch(message);
    expect({ code, stdout }).toEqual({ code: 1, stdout: "" });
  });

  it("reports a lock that is a file instead of a folder", async () => {
    const lock = join(home, LOCAL_FOLDER, "lock");
    rmSync(lock, { recursive: true });
    writeFileSync(lock, "");

    const { code, stderr } = await startBalances(["accounts"], home, {});

    expect(stderr).toMatch(/^Cannot open the database in \.local: .*lock.*\n$/);
    expect(code).toBe(1);
  });
});
