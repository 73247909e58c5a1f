import { createApp } from "./app.ts";
import { ConfigError, loadConfig } from "./config.ts";
import { createDeps, type Deps } from "./deps.ts";
import { layFoundation } from "./foundation.ts";
import { startJobWorker } from "./job-worker.ts";
import { createLogger } from "./observability/logger.ts";
import { openServer } from "./http/server.ts";
import { StartupError } from "./startup-error.ts";
import { exitOnStopSignals } from "./stop-signals.ts";

/** Railway drains for 30 s; what is still open after this is cut, so that the rest of the stop has time. */
const DRAIN_MAX_MS = 20_000;
/** How long a replica that already says it is unready goes on accepting: proxies need a moment to notice. */
const NOTICE_MS = 1_500;
/** How long an embedded server waits for jobs in hand when it stops; what is not done by then is done again. */
const FINISH_JOBS_MAX_MS = 2_000;

/** Starts this process as a replica, until it is told to stop. Ends it with one line when it cannot start as it is set up. */
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
  // The port first: that it is taken should not be found out after making a database.
  const server = await openServer(config.host, config.port);
  const foundation = await layFoundation(config, process.stderr);
  const { deps, drain, close } = await createDeps(config, logger, foundation);
  await server.serve(createApp(deps));
  logger.info({ port: server.port, readyMs: Math.round(performance.now()) }, "ready");
  void loadErrorReporter(deps);
  if (foundation.isEmbedded) process.stderr.write(welcome(server.port));
  // After it serves, because no phone waits for jobs.
  const worker = foundation.isEmbedded
    ? await startJobWorker({ config, logger, metrics: deps.metrics, foundation })
    : null;

  const stop = async (signal: NodeJS.Signals) => {
    drain();
    logger.info({ signal }, "stopping");
    await server.close(
      signal === "SIGTERM" && !foundation.isEmbedded ? NOTICE_MS : 0,
      DRAIN_MAX_MS,
    );
    await worker?.stop(FINISH_JOBS_MAX_MS);
    await close();
    await foundation.close();
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
