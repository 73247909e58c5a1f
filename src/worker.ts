import { Hono } from "hono";
import { ConfigError, loadConfig } from "./config.ts";
import { openServer } from "./http/server.ts";
import { systemRoutes } from "./http/system-routes.ts";
import { startJobWorker } from "./job-worker.ts";
import { pendingMigrations } from "./db/migrations/migrate.ts";
import { createLogger } from "./observability/logger.ts";
import { createMetrics } from "./observability/metrics.ts";
import { StartupError } from "./startup-error.ts";
import { exitOnStopSignals } from "./stop-signals.ts";

/** The platform kills 30 s after SIGTERM. */
const FINISH_MAX_MS = 20_000;

/** Runs jobs until it is told to stop; health and metrics are at PORT. Errors: ConfigError, StartupError. */
async function work(): Promise<void> {
  const handOver = exitOnStopSignals();
  // A worker answers nobody: it needs no key of tokens.
  const config = loadConfig({ needsIssuer: false });
  const { databaseUrl } = config;
  if (databaseUrl === null)
    throw new ConfigError(
      "DATABASE_URL is missing, but a worker needs it: with the embedded database npm start runs the jobs itself",
    );
  const logger = createLogger(config.logLevel);
  for (const notice of config.notices) logger.warn(notice);
  const server = await openServer(config.host, config.port);
  const metrics = createMetrics();
  const source = {
    databaseUrl,
    socketPath: null,
    tokenKey: { kind: "secret", secret: "" },
    pendingMigrations,
  } as const;
  const worker = await startJobWorker({ config, logger, metrics, source });
  let draining = false;
  const app = new Hono().route(
    "/",
    systemRoutes({
      metrics,
      metricsToken: config.metricsToken,
      probes: worker.probes,
      isDraining: () => draining,
    }),
  );
  await server.serve({ endpoint: { tryPlain: () => false }, fetch: app.fetch });
  logger.info({ port: server.port, readyMs: Math.round(performance.now()) }, "working");
  let stopping: Promise<void> | undefined;
  const stop = async (signal: NodeJS.Signals) => {
    draining = true;
    logger.info({ signal }, "stopping");
    await worker.stop(FINISH_MAX_MS);
    await server.close(0, 1_000);
    logger.info("stopped");
  };
  handOver((signal) => {
    stopping ??= stop(signal).catch((error: unknown) => {
      logger.fatal({ err: error }, "the stop failed");
      process.exitCode = 1;
    });
  });
}

try {
  await work();
} catch (error) {
  if (!(error instanceof ConfigError || error instanceof StartupError)) throw error;
  process.stderr.write(`${error.message}\n`);
  process.exit(1);
}
