import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";

const parent = mkdtempSync(join(tmpdir(), "balances-tests-"));
process.once("exit", () => rmSync(parent, { recursive: true, force: true }));

/** Creates a folder, which is removed when the process ends. Returns its path. */
export const newFolder = () => mkdtempSync(join(parent, "folder-"));
