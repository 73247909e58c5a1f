import { createApp } from "./app.ts";
import { ConfigError, loadConfig } from "./config.ts";
import { createDeps, type Deps } from "./deps.ts";
import { resolveDatabase } from "./database-source.ts";
import { startJobWorker } from "./job-worker.ts";
import { createLogger } from "./observability/logger.ts";
import { openServer } from "./http/server.ts";
import { StartupError } from "./startup-error.ts";
import { exitOnStopSignals } from "./stop-signals.ts";

/** After this, open connections are destroyed. Railway allows 30 s for the whole stop. */
const DRAIN_MAX_MS = 20_000;
/** How long an unready instance still accepts connections, because proxies notice it with a delay. */
const NOTICE_MS = 1_500;
/** How long a stopping embedded server waits for running jobs; unfinished jobs are repeated. */
const FINISH_JOBS_MAX_MS = 2_000;

/** Runs this process as an instance until a stop signal. A wrong configuration ends the process with one line. */
export async function serve(): Promise<void> {
  try {
    await start();
  } catch (error) {
    if (!(error instanceof ConfigError || error instanceof StartupError)) throw error;
    process.stderr.write(`${error.message}\n`);
    // The embedded database's worker may be running already.
    process.exit(1);
  }
}

async function start(): Promise<void> {
  const handOver = exitOnStopSignals();
  const config = loadConfig();
  const logger = createLogger(config.logLevel);
  for (const notice of config.notices) logger.warn(notice);
  // The port first, because a used port should not be discovered after creating a database.
  const server = await openServer(config.host, config.port);
  const source = await resolveDatabase(config, process.stderr);
  const { deps, drain, close } = await createDeps(config, logger, source);
  await server.serve(createApp(deps));
  logger.info({ port: server.port, readyMs: Math.round(performance.now()) }, "ready");
  void loadErrorReporter(deps);
  if (source.isEmbedded) process.stderr.write(welcome(server.port));
  // Started after the server, because no phone waits for jobs.
  const worker = source.isEmbedded
    ? await startJobWorker({ config, logger, metrics: deps.metrics, source })
    : null;

  const stop = async (signal: NodeJS.Signals) => {
    drain();
    logger.info({ signal }, "stopping");
    await server.close(signal === "SIGTERM" && !source.isEmbedded ? NOTICE_MS : 0, DRAIN_MAX_MS);
    await worker?.stop(FINISH_JOBS_MAX_MS);
    await close();
    await source.close();
    logger.info("stopped");
  };
  let stopping: Promise<void> | undefined;
  handOver((signal) => {
    stopping ??= stop(signal).catch((error: unknown) => {
      logger.fatal({ err: error }, "the stop failed");
      process.exitCode = 1;
    });
  });
}

/** Loads the error tracker's client after the service answers, because that takes most of a second. */
async function loadErrorReporter({ errors, logger }: Deps): Promise<void> {
  try {
    await errors.load();
  } catch (error) {
    logger.error({ err: error }, "errors cannot be reported to the tracker");
  }
}

function welcome(port: number): string {
  const url = `http://localhost:${port}/trpc`;
  return `
Serving on http://localhost:${port}. Two questions to paste:

  curl -g '${url}/store.nearby?input={"latitude":48.8566,"longitude":2.3522}'
  curl -g '${url}/additive.byCode?input={"code":"E471"}'

`;
}
