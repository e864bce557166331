// @ts-check
// `node --import count-modules.js PROGRAM`: appends the URL of each module that a program loads from a file, except those of Node.js
// itself, to the file MODULES_FILE. Node.js loads it a second time, in the thread of the hooks.
import { appendFileSync } from "node:fs";
import { createRequire, register } from "node:module";
import { pathToFileURL } from "node:url";
import { isMainThread } from "node:worker_threads";

const file = process.env["MODULES_FILE"] ?? "";

/** @type {import("node:module").LoadHook} */
export async function load(url, context, nextLoad) {
  // Tools add a query.
  if (url.startsWith("file:")) appendFileSync(file, `${url.replace(/\?.*/, "")}\n`);
  return nextLoad(url, context);
}

if (isMainThread) {
  register(import.meta.url);
  // The hooks do not see what CommonJS modules require.
  const { cache } = createRequire(import.meta.url);
  process.on("exit", () => {
    for (const path of Object.keys(cache)) appendFileSync(file, `${pathToFileURL(path)}\n`);
  });
}
