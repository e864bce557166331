#!/usr/bin/env node
// `npx balances`, where the project is linked. Registers tsx, which runs TypeScript.
import { register } from "tsx/esm/api";

register();
await import("./balances.ts");
