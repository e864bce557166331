import manifest from "../package.json" with { type: "json" };

/**
 * Returns the script of this project with which npm started the process: `balances` or `start`; `undefined` if npm did not. A script of
 * an application that has the package installed may have the same name, but npm takes no options of it for itself, and its paths
 * mean the application's folder.
 */
export function npmScript(): "balances" | "start" | undefined {
  const { npm_lifecycle_event: script, npm_package_name: name } = process.env;
  return name === manifest.name && (script === "balances" || script === "start") ? script : undefined;
}
