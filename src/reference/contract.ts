import { readFileSync, writeFileSync } from "node:fs";
import { contractChanges } from "./contract/contract-changes.ts";
import { type AcceptedChange, contractFaults, releaseText } from "./contract/release.ts";
import type { OpenApi } from "./openapi.ts";

/** Compares `openapi.json` with the contract of the last release; `release` makes it the contract of a new one. */
const LAST_RELEASE = "test/contract/last-release.json";
const ACCEPTED = "test/contract/accepted-changes.json";

const read = (file: string): unknown => JSON.parse(readFileSync(file, "utf8"));
const current = read("openapi.json") as OpenApi;

if (process.argv[2] === "release") {
  writeFileSync(LAST_RELEASE, releaseText(current));
  writeFileSync(ACCEPTED, "[]\n");
  process.stdout.write(`${LAST_RELEASE}\n${ACCEPTED}\n`);
} else {
  const today = new Date().toISOString().slice(0, 10);
  const changes = contractChanges(read(LAST_RELEASE) as OpenApi, current, today);
  const faults = contractFaults(changes, read(ACCEPTED) as readonly AcceptedChange[]);
  for (const fault of faults) process.stdout.write(`${fault}\n`);
  process.stdout.write(
    faults.length === 0
      ? `The contract keeps what the last release promised; accepted changes: ${changes.length}.\n`
      : `Apps of the last release may break: see docs/versions.md, and ${ACCEPTED}.\n`,
  );
  process.exitCode = faults.length === 0 ? 0 : 1;
}
