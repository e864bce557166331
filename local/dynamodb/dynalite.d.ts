declare module "dynalite" {
  import type { Server } from "node:http";

  /** @param options `path`: the data's folder (default: in memory); `createTableMs`: how long a table stays in CREATING */
  export default function dynalite(options: { path?: string; createTableMs?: number }): Server;
}
