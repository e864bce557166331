import { execFileSync } from "node:child_process";
import { type DeployedFunction, deploy, synthesize } from "../support/deployed.ts";
import { afterAll, beforeAll, describe, expect, it } from "../support/jest.ts";
import { findNode24 } from "../support/node24.ts";
import { startWorld, type World } from "../support/world/world.ts";

let world: World;
let deployed: DeployedFunction;
beforeAll(async () => {
  world = await startWorld({ accounts: () => [] });
  deployed = await deploy(world);
});
afterAll(() => world.close());

describe("the deployed bundle", () => {
  it.each(["AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY"])(
    "names the credentials that Lambda sets, without %s",
    async (name) => {
      const instance = await deployed.start(undefined, { [name]: "" });

      const { error } = await instance.invoke({ dryRun: true });
      await instance.stop();

      expect(error).toMatchObject({ errorType: "KeyError", code: "key_secret_unavailable" });
      expect(error?.errorMessage).toContain(
        "EnvironmentCredentialsError: AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY are not set. Set AWS_ACCESS_KEY_ID,",
      );
    },
  );

  it.each([process.execPath, findNode24() ?? process.execPath])(
    "keeps the names of errors and functions in stack traces, on %s",
    (node) => {
      const script =
        "require(process.argv[1]).handler({}, { getRemainingTimeInMillis: () => 1 }).catch(({ name, stack }) => console.log(name, stack))";

      const shown = execFileSync(node, ["-e", script, synthesize({}).bundle], {
        env: {},
        encoding: "utf8",
        stdio: "pipe",
      });

      expect(shown).toMatch(/^InputError InputError: .*\n?CDP_API_KEY_SECRET_ID: is not set/m);
      // Short lines: a column of 500,000 would lead nowhere.
      expect(shown).toMatch(/\n {4}at readJobConfig \(.*\/index\.js:\d{2,5}:\d{1,4}\)\n/);
      expect(shown).toMatch(/\n {4}at .*handler \(.*\/index\.js:\d+:\d+\)\n/);
    },
  );
});
