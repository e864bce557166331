import { readFileSync } from "node:fs";
import { writeExampleHistory } from "../../demo/example-history.ts";
import {
  type EmbeddedDynamo,
  embeddedEnvironment,
  LOCAL_TABLE,
  startEmbeddedDynamo,
} from "../../local/dynamodb/embedded-dynamodb.ts";
import { DOCUMENTS, EXAMPLE_NOW, refreshExamples } from "../../tools/docs/documented-commands.ts";
import { runBalances } from "../support/history-cli.ts";
import { patientClient } from "../support/history-table.ts";
import { afterAll, beforeAll, expect, it } from "../support/jest.ts";
import { newFolder } from "../support/new-folder.ts";

const home = newFolder();
let dynamo: EmbeddedDynamo;

beforeAll(async () => {
  dynamo = await startEmbeddedDynamo();
  await writeExampleHistory(patientClient(dynamo.url), LOCAL_TABLE);
});
afterAll(() => dynamo.close());

it.each(DOCUMENTS)("%s shows the current output of the commands; if not, run `npm run docs`", async (name) => {
  const document = readFileSync(new URL(`../../${name}`, import.meta.url), "utf8");
  let commands = 0;

  const now = await refreshExamples(document, async (args) => {
    commands++;
    const ended = await runBalances([...args, "--table", LOCAL_TABLE], home, embeddedEnvironment(dynamo), EXAMPLE_NOW);
    return ended.stdout + ended.stderr;
  });

  expect(document).toBe(now);
  expect(commands).toBeGreaterThan(3);
});
