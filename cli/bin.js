#!/usr/bin/env node
// `npx balances`, where the project is linked: TypeScript by way of tsx.
import { register } from "tsx/esm/api";

register();
await import("./balances.ts");
