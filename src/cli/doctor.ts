import { parseArgs } from "node:util";
import { ConfigError, loadConfig } from "../config.ts";
import { examine } from "../doctor/examine.ts";
import { exitCodeOf, fail, type Finding, renderFindings } from "../doctor/finding.ts";
import { AppError } from "../errors.ts";
import { layFoundation } from "../foundation.ts";
import { runCommand } from "./command.ts";

/** Says what is wrong with this deployment: `[--replicas 2] [--strict]`; exits with 1 when something is. */
await runCommand(async () => {
  const { values } = parseArgs({
    options: {
      replicas: { type: "string", default: "2" },
      strict: { type: "boolean", default: false },
    },
  });
  const replicas = Number(values.replicas);
  if (!Number.isInteger(replicas) || replicas < 1 || replicas > 10_000) {
    throw new AppError("BAD_REQUEST", "--replicas <n>: how many replicas run, from 1 to 10000");
  }
  const findings = await findAll(replicas);
  process.stdout.write(renderFindings(findings));
  return exitCodeOf(findings, values.strict);
});

async function findAll(replicas: number): Promise<Finding[]> {
  let config;
  try {
    config = loadConfig();
  } catch (error) {
    if (!(error instanceof ConfigError)) throw error;
    return [fail("configuration", error.message, "a replica would not start either")];
  }
  const foundation = await layFoundation(config, process.stderr);
  try {
    return await examine(config, foundation, replicas);
  } finally {
    await foundation.close();
  }
}
