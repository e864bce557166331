import { type ChildProcess, spawn } from "node:child_process";
import { EventEmitter, once } from "node:events";
import { mkdtempSync, rmSync, statSync, writeFileSync } from "node:fs";
import { createRequire } from "node:module";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { pathToFileURL } from "node:url";
import { PutItemCommand, ScanCommand } from "@aws-sdk/client-dynamodb";
import { messageWithFix } from "../../../core/domain/errors.ts";
import { lockFolder } from "../../../local/dynamodb/database-folder.ts";
import { LOCAL_TABLE, startEmbeddedDynamo } from "../../../local/dynamodb/embedded-dynamodb.ts";
import { patientClient } from "../../support/history-table.ts";
import { afterEach, beforeEach, describe, expect, it } from "../../support/jest.ts";

const LOADER = pathToFileURL(createRequire(import.meta.url).resolve("tsx")).href;
const LOCK = new URL("../../../local/dynamodb/database-folder.ts", import.meta.url).href;

let folder = "";
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "folder-lock-test-"));
});
afterEach(() => rmSync(folder, { recursive: true }));

/** Starts a process that locks the folder until it is killed. */
async function startLockingProcess(): Promise<ChildProcess> {
  const script = `const { lockFolder } = await import(${JSON.stringify(LOCK)});
    await lockFolder(${JSON.stringify(folder)}, 0, () => {});
    process.stdout.write("locked");
    setInterval(() => {}, 1000);`;
  const holder = spawn(process.execPath, ["--import", LOADER, "--input-type=module", "-e", script], {
    stdio: ["ignore", "pipe", "inherit"],
    env: {},
  });
  await Promise.race([
    once(holder.stdout, "data"),
    once(holder, "exit").then(() => Promise.reject(new Error("the process ended"))),
  ]);
  return holder;
}

const mustNotWait = () => {
  throw new Error("waited");
};

describe("lockFolder", () => {
  it("creates the folder for its user only, and reports a folder that it cannot create", async () => {
    const data = join(folder, "share", "data");

    await (await lockFolder(data, 0, mustNotWait))();
    const failed = lockFolder(join(folder, "x".repeat(256)), 0, mustNotWait).catch(messageWithFix);

    expect([join(folder, "share"), data].map((path) => statSync(path).mode & 0o777)).toEqual([0o700, 0o700]);
    expect(await failed).toMatch(/^Cannot open the database in \S+\/x+: ENAMETOOLONG.* another folder with --data\. /);
  });

  it("makes the second caller wait for the first, and reports the wait once", async () => {
    const events: string[] = [];
    const release = await lockFolder(folder, 0, mustNotWait);

    const waiting = new EventEmitter();
    const waits = once(waiting, "waits");
    const second = lockFolder(folder, 10_000, () => {
      events.push("waits");
      waiting.emit("waits");
    });
    await waits;
    // More attempts, which must not be reported.
    await sleep(300);
    events.push("first releases");
    await release();
    const releaseSecond = await second;
    events.push("second has the lock");
    await releaseSecond();

    expect(events).toEqual(["waits", "first releases", "second has the lock"]);
  });

  it("gives up after the maximum wait, names the folder and suggests a fix", async () => {
    const release = await lockFolder(folder, 0, mustNotWait);
    const startedAt = performance.now();

    const attempt = lockFolder(folder, 200, () => {});

    await expect(attempt).rejects.toMatchObject({
      message: `${folder} is still in use by another command.`,
      suggestedFix: "Wait until it has ended, then try again.",
    });
    expect(performance.now() - startedAt).toBeGreaterThanOrEqual(200);
    await release();
  });

  it("excludes another process, and is free as soon as that process is killed", async () => {
    const holder = await startLockingProcess();

    await expect(lockFolder(folder, 0, () => {})).rejects.toMatchObject({ code: "folder_in_use" });
    holder.kill("SIGKILL");
    await once(holder, "exit");
    const release = await lockFolder(folder, 0, mustNotWait);

    await release();
  });
});

describe("the embedded DynamoDB", () => {
  it.each([
    ["its database", "dynamodb", ""],
    ["its folder", "file", "file"],
    ["a folder above", "file", "file/data"],
  ])("is a usage error if a file stands in the place of %s", async (_, file, data) => {
    writeFileSync(join(folder, file), "");

    const failed = startEmbeddedDynamo(join(folder, data));

    await expect(failed).rejects.toMatchObject({
      code: "usage",
      message: `${join(folder, file)} is not a folder. Expected the data folder: see --data.`,
    });
  });

  it("waits for requests in progress when it closes, even if their client has gone", async () => {
    const dynamo = await startEmbeddedDynamo(folder);
    const client = patientClient(dynamo.url);
    const Item = { account: { S: "a" }, slot: { S: "s" }, text: { S: "x".repeat(100_000) } };
    await client.send(new PutItemCommand({ TableName: LOCAL_TABLE, Item }));
    const uncaught: unknown[] = [];
    const catchError = (thrown: unknown) => uncaught.push(thrown);
    process.prependListener("uncaughtException", catchError);

    const scans = Array.from({ length: 50 }, () => client.send(new ScanCommand({ TableName: LOCAL_TABLE })));
    const received = once(dynamo.server, "request");
    for (const scan of scans) scan.catch(() => {});
    await received;
    client.destroy();
    await dynamo.close();

    process.removeListener("uncaughtException", catchError);
    expect(uncaught).toEqual([]);
  });

  it.each(["OPTIONS", "POST"])("rejects a web page in a browser on this machine: %s", async (method) => {
    const dynamo = await startEmbeddedDynamo();
    const headers = { origin: "https://example.com", "access-control-request-method": "POST" };

    const response = await fetch(dynamo.url, { method, headers });

    expect(response.status).toBe(403);
    expect(response.headers.get("access-control-allow-origin")).toBeNull();
    expect(await response.text()).toBe("");
    await dynamo.close();
  });
});
