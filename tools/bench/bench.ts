/** `npm run bench -- [PART…]`: measures, side by side in one run. A benchmark, not a test: it never fails because of a figure. */
import { loadavg } from "node:os";
import { type Row, showTable } from "./row.ts";

/** One file for each part. Loaded on demand, because each brings its own servers and tools. */
const PARTS: Readonly<Record<string, () => Promise<{ run: () => Promise<Row[]> }>>> = {
  walk: () => import("./walk.ts"),
  load: () => import("./load.ts"),
  units: () => import("./units.ts"),
  "start-up": () => import("./start-up.ts"),
};

const names = process.argv.slice(2);
const unknown = names.filter((name) => !Object.hasOwn(PARTS, name));
if (unknown.length > 0) {
  process.stderr.write(`Unknown parts: ${unknown.join(", ")}. Expected some of: ${Object.keys(PARTS).join(", ")}.\n`);
  process.exit(2);
}
for (const name of names.length > 0 ? names : Object.keys(PARTS)) {
  const part = await PARTS[name]?.();
  if (part === undefined) continue;
  process.stdout.write(`\n${name} (Node ${process.version}, load of the machine ${loadavg()[0]?.toFixed(1)})\n`);
  process.stdout.write(showTable(await part.run()));
}
