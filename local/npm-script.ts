import manifest from "../package.json" with { type: "json" };

/**
 * Returns the script of this project with which npm started the process: `balances` or `start`; `undefined` if npm did not. An
 * application that has installed the package may have a script with the same name. Its paths are relative to the application's
 * folder, and commands that are suggested there must not begin with `npm run`.
 */
export function npmScript(): "balances" | "start" | undefined {
  const { npm_lifecycle_event: script, npm_package_name: name } = process.env;
  return name === manifest.name && (script === "balances" || script === "start") ? script : undefined;
}
