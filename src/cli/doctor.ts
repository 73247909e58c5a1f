import { parseArgs } from "node:util";
import { ConfigError, loadConfig } from "../config.ts";
import { examine } from "../doctor/examine.ts";
import { exitCodeOf, fail, type Finding, renderFindings } from "../doctor/finding.ts";
import { planGrowth, renderPlan } from "../doctor/growth-plan.ts";
import { resolveDatabase } from "../database-source.ts";
import { runCommand } from "./command.ts";
import { StartupError } from "../startup-error.ts";

/**
 * Checks this deployment: `[--replicas 2] [--strict]`; exits with 1 when a check fails. `--plan <users>` asks nothing and
 * says what a number of users needs.
 */
await runCommand(async () => {
  const { values } = parseArgs({
    options: {
      replicas: { type: "string", default: "2" },
      strict: { type: "boolean", default: false },
      plan: { type: "string" },
    },
  });
  if (values.plan !== undefined) {
    const users = Number(values.plan);
    if (!Number.isInteger(users) || users < 1 || users > 1_000_000_000)
      throw new StartupError("--plan <n>: how many users there are to be, from 1 to 1000000000");
    process.stdout.write(renderPlan(planGrowth(users)));
    return 0;
  }
  const instances = Number(values.replicas);
  if (!Number.isInteger(instances) || instances < 1 || instances > 10_000) {
    throw new StartupError("--replicas <n>: how many instances run, from 1 to 10000");
  }
  const findings = await findAll(instances);
  process.stdout.write(renderFindings(findings));
  return exitCodeOf(findings, values.strict);
});

async function findAll(instances: number): Promise<Finding[]> {
  let config;
  try {
    config = loadConfig();
  } catch (error) {
    if (!(error instanceof ConfigError)) throw error;
    return [fail("configuration", error.message, "a replica would not start either")];
  }
  const source = await resolveDatabase(config, process.stderr);
  try {
    return await examine(config, source, instances);
  } finally {
    await source.close();
  }
}
