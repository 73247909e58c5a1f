/** How far a long task is; `total` is undefined while it is not known. */
export type OnProgress = (done: number, total?: number) => void;

/** Where progress is shown: `process.stdout`, or anything that collects text. */
export type ProgressStream = {
  write(text: string): unknown;
  readonly isTTY?: boolean | undefined;
  readonly columns?: number | undefined;
};

export type Progress = {
  update: OnProgress;
  /** Prints a line of its own without tearing the bar. */
  line(text: string): void;
  /** Shows the end state and stops. */
  finish(): void;
  /** Stops without claiming the end. */
  stop(): void;
};

export type ProgressState = {
  label: string;
  unit: string;
  done: number;
  total: number | undefined;
  elapsedMs: number;
  /** Whether the units take about the same time each, so that rate and time left mean something. */
  isSteady: boolean;
};

const TTY_INTERVAL_MS = 100;
const LINE_INTERVAL_MS = 5_000;
const BAR_CELLS = 24;

/** A duration as people read it: `4s`, `3m 05s`, `2h 07m`. */
export function formatDuration(durationMs: number): string {
  const seconds = Math.max(0, Math.round(durationMs / 1000));
  const pad = (value: number) => String(value).padStart(2, "0");
  if (seconds < 60) return `${seconds}s`;
  if (seconds < 3600) return `${Math.floor(seconds / 60)}m ${pad(seconds % 60)}s`;
  return `${Math.floor(seconds / 3600)}h ${pad(Math.floor((seconds % 3600) / 60))}m`;
}

/** The progress as one line of text: share, count, rate and time left where they are known. */
export function formatProgress(state: ProgressState, withBar: boolean): string {
  const { label, unit, done, total, elapsedMs, isSteady } = state;
  const parts = [label];
  const fraction = total === undefined || total <= 0 ? undefined : Math.min(1, done / total);
  if (fraction !== undefined) {
    const filled = Math.round(fraction * BAR_CELLS);
    if (withBar) parts.push(`[${"#".repeat(filled)}${".".repeat(BAR_CELLS - filled)}]`);
    parts.push(`${Math.floor(fraction * 100)}%`.padStart(4));
  }
  if (done > 0) {
    const count = done.toLocaleString("en");
    parts.push(
      total === undefined ? `${count} ${unit}` : `${count}/${total.toLocaleString("en")} ${unit}`,
    );
    if (isSteady && elapsedMs >= 1000) {
      const perSecond = (done * 1000) / elapsedMs;
      parts.push(`${perSecond.toLocaleString("en", { maximumSignificantDigits: 3 })}/s`);
    }
  }
  parts.push(formatDuration(elapsedMs));
  if (isSteady && fraction !== undefined && fraction > 0 && fraction < 1 && elapsedMs >= 1000) {
    parts.push(`${formatDuration((elapsedMs * (1 - fraction)) / fraction)} left`);
  }
  return parts.join("  ");
}

/**
 * Shows the progress of one task: a bar that redraws itself on a terminal, a plain line now and then elsewhere.
 * Units: `now` gives milliseconds.
 */
export function createProgress(options: {
  stream: ProgressStream;
  label: string;
  unit?: string;
  isSteady?: boolean;
  now?: () => number;
}): Progress {
  const { stream, label, unit = "rows", isSteady = true } = options;
  const now = options.now ?? (() => performance.now());
  const isTerminal = stream.isTTY === true;
  const intervalMs = isTerminal ? TTY_INTERVAL_MS : LINE_INTERVAL_MS;
  const startedAt = now();
  let shownAt = startedAt;
  let done = 0;
  let total: number | undefined;
  let ended = false;

  const text = () =>
    formatProgress(
      { label, unit, done, total, elapsedMs: now() - startedAt, isSteady },
      isTerminal,
    );
  const draw = () => {
    shownAt = now();
    if (!isTerminal) {
      stream.write(`${text()}\n`);
      return;
    }
    // A line that wraps could not be drawn over again; some terminals say that they have no columns.
    const columns = Math.max(20, stream.columns === 0 ? 80 : (stream.columns ?? 80)) - 1;
    stream.write(`\r${text().slice(0, columns)}\u001B[K`);
  };
  const drawWhenDue = () => {
    if (!ended && now() - shownAt >= intervalMs) draw();
  };

  if (isTerminal) draw();
  else stream.write(`${label} …\n`);
  const timer = setInterval(drawWhenDue, intervalMs);
  timer.unref();
  const end = (last: () => void) => {
    if (ended) return;
    ended = true;
    clearInterval(timer);
    last();
  };

  return {
    update(nextDone, nextTotal) {
      done = nextDone;
      if (nextTotal !== undefined) total = nextTotal;
      drawWhenDue();
    },
    line(lineText) {
      stream.write(isTerminal ? `\r\u001B[K${lineText}\n` : `${lineText}\n`);
      if (isTerminal && !ended) draw();
    },
    finish: () =>
      end(() => {
        draw();
        if (isTerminal) stream.write("\n");
      }),
    stop: () =>
      end(() => {
        if (isTerminal) stream.write("\n");
      }),
  };
}
