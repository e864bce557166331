import { execFileSync } from "node:child_process";
import { existsSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";

/** Lists the balances of accounts: `cdp.accounts.listBalances`. */
const SDK = "@coinbase/cdp-sdk@1.57.0";

/**
 * Installs Coinbase's SDK outside the project, unless it is there already, and returns the path of its module.
 * It is no dependency, and its code runs only in the process that is measured.
 */
export function installSdk(): string {
  const folder = join(tmpdir(), SDK.replace(/\W+/g, " ").trim().replaceAll(" ", "-"));
  const module = join(folder, "node_modules/@coinbase/cdp-sdk/_esm/index.js");
  if (!existsSync(module)) {
    process.stderr.write(`Installing ${SDK} in ${folder}\n`);
    const options = ["--no-save", "--no-audit", "--no-fund", "--ignore-scripts", "--prefix", folder];
    execFileSync("npm", ["install", ...options, SDK], { stdio: ["ignore", "ignore", "inherit"] });
  }
  return module;
}
