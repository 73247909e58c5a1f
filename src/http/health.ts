/** One part's state, as `/health/ready` shows it. */
export interface ProbeResult {
  readonly ok: boolean;
  readonly detail?: string;
}

/** A part that can be asked how it is; asking may fail or hang. */
export interface Probe {
  readonly name: string;
  /** Whether the service can answer phones without it. */
  readonly required: boolean;
  readonly check: () => Promise<ProbeResult>;
}

/** The answer of `/health/ready`. */
export interface Readiness {
  readonly status: "ready" | "degraded" | "unready" | "draining";
  readonly checks: Readonly<Record<string, ProbeResult>>;
}

const PROBE_TIMEOUT_MS = 1_500;

/** A check that is under way is shared by all who ask: asking often must not be a load of its own. */
export function sharedCheck(check: Probe["check"]): Probe["check"] {
  let underWay: Promise<ProbeResult> | undefined;
  return () =>
    (underWay ??= check().finally(() => {
      underWay = undefined;
    }));
}

async function ask(probe: Probe): Promise<ProbeResult> {
  let timer: NodeJS.Timeout | undefined;
  const timeout = new Promise<ProbeResult>((resolve) => {
    timer = setTimeout(() => resolve({ ok: false, detail: "no answer in time" }), PROBE_TIMEOUT_MS);
  });
  try {
    return await Promise.race([probe.check(), timeout]);
  } catch {
    return { ok: false, detail: "cannot be reached" };
  } finally {
    clearTimeout(timer);
  }
}

/** Asks every part at once, each with its own timeout. */
export async function readiness(probes: readonly Probe[], isDraining: boolean): Promise<Readiness> {
  const results = await Promise.all(probes.map(ask));
  const checks = Object.fromEntries(
    probes.map((probe, i) => [probe.name, results[i] ?? { ok: false }]),
  );
  const failing = probes.filter((_, i) => results[i]?.ok !== true);
  if (isDraining) return { status: "draining", checks };
  if (failing.some((probe) => probe.required)) return { status: "unready", checks };
  return { status: failing.length > 0 ? "degraded" : "ready", checks };
}
