import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { configureJob } from "../../../cli/shared/job-options.ts";
import { ENV } from "../../../core/names/environment.ts";
import { describe, expect, it } from "../../support/jest.ts";
import { newFolder } from "../../support/new-folder.ts";

describe("the job's configuration on the command line", () => {
  it("has the explained moves of the configuration file, but not its accounts, which options select", () => {
    const file = join(newFolder(), "configuration.json");
    const accounts = ["account_af2937b0-9846-4fe7-bfe9-ccc22d935114"];
    writeFileSync(file, JSON.stringify({ accounts, explainedMoves: { usdc: "pays suppliers every day" } }));

    const config = configureJob({}, { [ENV.configurationFile]: file, [ENV.accountsType]: "prime" });

    expect(config).toMatchObject({ accounts: "all", accountsType: "prime", noticeRules: { explained: ["usdc"] } });
  });

  it("reports a configuration file that cannot be read", () => {
    expect(() => configureJob({}, { [ENV.configurationFile]: "/nowhere.json" })).toThrow(
      `${ENV.configurationFile}: /nowhere.json could not be read`,
    );
  });
});
