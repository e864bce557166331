import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { cloneOf, dataFolder, hasDatabase, platformDataFolder } from "../../../local/data-folder.ts";
import { afterAll, describe, expect, it } from "../../support/jest.ts";

const ROOT = fileURLToPath(new URL("../../..", import.meta.url)).replace(/\/$/, "");
const folder = mkdtempSync(join(tmpdir(), "data-folder-"));
afterAll(() => rmSync(folder, { recursive: true }));

describe("the data folder", () => {
  it("is .local in the clone that contains the program, also when the program is a bundle in it", () => {
    expect(dataFolder(undefined)).toBe(join(ROOT, ".local"));
    expect(cloneOf(join(ROOT, "dist", "balances.mjs"))).toBe(ROOT);
  });

  it("is not in a folder that a package manager replaces, nor beside a bundle elsewhere", () => {
    expect(cloneOf(join(ROOT, "node_modules", "cdp-balance-snapshots", "local", "data-folder.ts"))).toBeUndefined();
    expect(cloneOf(join(folder, "bin", "balances.mjs"))).toBeUndefined();
  });

  const LOCAL_APP_DATA = join("/C", "Local");
  it.each([
    ["linux", {}, "/home/x/.local/share/cdp-balance-snapshots"],
    ["linux", { XDG_DATA_HOME: "/data" }, "/data/cdp-balance-snapshots"],
    ["linux", { XDG_DATA_HOME: "data" }, "/home/x/.local/share/cdp-balance-snapshots"],
    ["darwin", { XDG_DATA_HOME: "/data" }, "/home/x/Library/Application Support/cdp-balance-snapshots"],
    ["win32", { LOCALAPPDATA: LOCAL_APP_DATA }, "/C/Local/cdp-balance-snapshots"],
    ["win32", {}, "/home/x/AppData/Local/cdp-balance-snapshots"],
  ] as const)("is the one of the platform %s with %j", (name, env, expected) => {
    expect(platformDataFolder({ name, env, home: "/home/x" })).toBe(expected);
  });
});

describe("whether a folder has a database", () => {
  it("is no for an absent and an empty one, and yes for one that contains anything, even if damaged", () => {
    mkdirSync(join(folder, "empty", "dynamodb"), { recursive: true });
    mkdirSync(join(folder, "damaged", "dynamodb"), { recursive: true });
    writeFileSync(join(folder, "damaged", "dynamodb", "000003.log"), "");

    expect(["nowhere", "empty", "damaged"].map((name) => hasDatabase(join(folder, name)))).toEqual([
      false,
      false,
      true,
    ]);
  });

  it.each([
    ["file", "file"],
    ["file/folder", "file"],
    ["folder-with-file", "folder-with-file/dynamodb"],
  ])("is unknown for a %s", (name, file) => {
    mkdirSync(dirname(join(folder, file)), { recursive: true });
    writeFileSync(join(folder, file), "");

    expect(() => hasDatabase(join(folder, name))).toThrow(
      new RegExp(`/${file} is not a folder\\. Expected the data folder: see --data\\.$`),
    );
  });
});
