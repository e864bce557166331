declare module "dynalite" {
  import type { Server } from "node:http";

  /** @param options `path`: folder of the data, in memory without; `createTableMs`: how long a table is being made */
  export default function dynalite(options: { path?: string; createTableMs?: number }): Server;
}
