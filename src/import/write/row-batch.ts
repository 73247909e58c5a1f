import type { AnalysisRequest } from "../../verdict/analysis-thread.ts";
import type { Conversion } from "../kind.ts";
import { type Cell, toCopyLine } from "./copy-text.ts";
import type { StagedRow } from "./staging.ts";

/** How the rows of products get their last cells. */
export interface RowCompletion {
  /** So many of the last cells are replaced. */
  readonly cellCount: number;
  /** Returns these cells in the order of the requests. */
  complete(requests: readonly AnalysisRequest[]): Promise<readonly (readonly Cell[])[]>;
}

/** So few that what waits to be completed is forgotten while it is young, and the collector never copies it. */
const GROUP_ROWS = 100;

/** A row without its last cells. */
interface OpenRow {
  readonly position: number;
  readonly start: string;
  readonly request: AnalysisRequest;
}

type Converted = Exclude<Conversion, { problem: unknown }>;

/** The rows of a batch; groups of them are completed while the next are still read. */
export class RowBatch {
  rowCount = 0;
  /** Units: UTF-16 units, without what completes rows. */
  textLength = 0;
  readonly #completion: RowCompletion | null;
  readonly #groups: Promise<readonly StagedRow[]>[] = [];
  readonly #complete: StagedRow[] = [];
  #open: OpenRow[] = [];

  constructor(completion: RowCompletion | null) {
    this.#completion = completion;
  }

  add(position: number, { cells, toAnalyse: request }: Converted): void {
    this.rowCount += 1;
    if (this.#completion === null || request === undefined) {
      const line = toCopyLine(cells);
      this.textLength += line.length;
      this.#complete.push({ position, line });
      return;
    }
    const start = toCopyLine(cells.slice(0, -this.#completion.cellCount));
    this.textLength += start.length;
    this.#open.push({ position, start, request });
    if (this.#open.length >= GROUP_ROWS) this.#closeGroup(this.#completion);
  }

  /** Returns all rows. Errors: those of the completion. */
  async finish(): Promise<readonly StagedRow[]> {
    if (this.#completion !== null && this.#open.length > 0) this.#closeGroup(this.#completion);
    const groups = await Promise.all(this.#groups);
    return [...this.#complete, ...groups.flat()];
  }

  #closeGroup(completion: RowCompletion): void {
    const rows = this.#open;
    this.#open = [];
    const requests = rows.map(({ request }) => request);
    const starts = rows.map(({ position, start }) => ({ position, start }));
    const group = completion.complete(requests).then((ends) =>
      starts.map(({ position, start }, i) => ({
        position,
        line: `${start}\t${toCopyLine(ends[i] ?? [])}`,
      })),
    );
    // A failure is thrown by `finish`; until then it must not count as unhandled.
    group.catch(() => undefined);
    this.#groups.push(group);
  }
}
