import { parseArgs } from "node:util";
import { loadConfig } from "../config.ts";
import { type DataSource, KNOWN_SOURCES } from "../import/write/data-sources.ts";
import { IMPORT_KINDS } from "../import/registry.ts";
import { importFiles } from "../import/run.ts";
import { countUsable, formatSummaries } from "../import/summary.ts";
import { StartupError } from "../startup-error.ts";
import { openCommandDatabase, runCommand } from "./command.ts";

const USAGE = `npm run import -- <kind> <file…> [options]

kinds       ${IMPORT_KINDS.join(", ")}
file        a path, or - for standard input; .gz and .zst are read as they come

--dry-run              the same summary, and nothing is written to the database
--publish              recalls are shown at once, without an administrator's approval
--rejects <path>       where rejected records go (default: <file>.rejects.jsonl here)
--source <id>          whose data it is, when it is not what the format implies
--source-name <text>   with --source: its name, licence, attribution and address
--licence <text>
--attribution <text>
--source-url <url>
`;

await runCommand(async (handOver) => {
  const { values, positionals } = parseArgs({
    allowPositionals: true,
    options: {
      "dry-run": { type: "boolean", default: false },
      publish: { type: "boolean", default: false },
      rejects: { type: "string" },
      source: { type: "string" },
      "source-name": { type: "string" },
      licence: { type: "string" },
      attribution: { type: "string" },
      "source-url": { type: "string" },
      help: { type: "boolean", default: false },
    },
  });
  const [kindText, ...files] = positionals;
  if (values.help) {
    process.stdout.write(USAGE);
    return 0;
  }
  const kind = IMPORT_KINDS.find((one) => one === kindText);
  if (kind === undefined) {
    throw new StartupError(
      `${kindText === undefined ? "a kind is missing" : `${kindText} is not a kind`}\n\n${USAGE}`,
    );
  }
  if (files.length === 0) throw new StartupError(`a file is missing\n\n${USAGE}`);
  if (values.rejects !== undefined && files.length > 1) {
    throw new StartupError("--rejects is for one file: without it each file has its own");
  }

  const database = await openCommandDatabase(loadConfig({ needsIssuer: false }), process.stderr);
  const stopping = new AbortController();
  handOver(() => {
    // A second signal does not wait for the running batch.
    if (stopping.signal.aborted) process.exit(130);
    stopping.abort();
  });
  try {
    const summaries = await importFiles({
      sql: database.sql,
      kind,
      files,
      source: sourceOf(values),
      isDryRun: values["dry-run"],
      publishes: values.publish,
      rejectsPath: values.rejects,
      stdin: process.stdin,
      output: process.stderr,
      signal: stopping.signal,
      lost: database.lost,
    });
    process.stdout.write(`\n${formatSummaries(summaries, values["dry-run"])}`);
    if (stopping.signal.aborted) return 130;
    return summaries.every((one) => one.fault === null && countUsable(one) > 0) ? 0 : 1;
  } finally {
    await database.close();
  }
});

/** Returns the source that the options name, or undefined for the source of the file's format. */
function sourceOf(
  values: Readonly<Record<string, string | boolean | undefined>>,
): DataSource | undefined {
  const text = (name: string) => {
    const value = values[name];
    return typeof value === "string" ? value : undefined;
  };
  const id = text("source");
  const given = ["source-name", "licence", "attribution", "source-url"].some(
    (name) => text(name) !== undefined,
  );
  if (id === undefined) {
    if (given)
      throw new StartupError(
        "--source <id> is missing: it names the source of this licence and attribution",
      );
    return undefined;
  }
  if (!/^[a-z0-9]+(?:-[a-z0-9]+)*$/.test(id) || id.length > 64) {
    throw new StartupError(`--source ${id} is not an id of small letters, digits and hyphens`);
  }
  const known = KNOWN_SOURCES.find((one) => one.id === id);
  const name = text("source-name") ?? known?.name ?? id;
  return {
    id,
    name,
    licence: text("licence") ?? known?.licence ?? "not stated",
    attribution: text("attribution") ?? known?.attribution ?? name,
    url: text("source-url") ?? known?.url ?? null,
  };
}
