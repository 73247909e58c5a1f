import { setImmediate as nextTurn } from "node:timers/promises";
import type { Conversion } from "../kind.ts";
import type { FileRecord, RecordProblem } from "../read/records.ts";
import type { RejectsFile } from "./rejects.ts";
import { RowBatch, type RowCompletion } from "./row-batch.ts";
import type { BatchOutcome, Staging } from "./staging.ts";

const BATCH_ROWS = 2_500;
/** The most text of a batch, which long texts reach before `BATCH_ROWS`. Units: UTF-16 units. */
const BATCH_TEXT_MAX = 4_000_000;

/** After so many records the database's answers have a turn: it would else wait for the next statement of a batch. */
const TURN_RECORDS = 25;

/** So many batches are completed and wait, so that the database always has the next one. */
const WAITING_MAX = 2;

/** Writes the records of a file in batches; one batch is merged while the next are completed and another is read. */
export class BatchWriter {
  read = 0;
  readonly #staging: Staging;
  readonly #rejects: RejectsFile;
  readonly #convert: (value: unknown) => Conversion;
  readonly #completion: RowCompletion | null;
  readonly #reasons = new Map<string, number>();
  readonly #notes = new Map<string, number>();
  #inserted = 0;
  #updated = 0;
  #same = 0;
  #rejected = 0;
  #batch: RowBatch;
  /** Of batches that are not written yet, in the order of the file. */
  readonly #outcomes: Promise<BatchOutcome>[] = [];

  constructor(
    staging: Staging,
    rejects: RejectsFile,
    convert: (value: unknown) => Conversion,
    completion: RowCompletion | null,
  ) {
    this.#staging = staging;
    this.#rejects = rejects;
    this.#convert = convert;
    this.#completion = completion;
    this.#batch = new RowBatch(completion);
  }

  async take(records: readonly FileRecord[]): Promise<void> {
    for (const record of records) {
      this.read += 1;
      if (this.read % TURN_RECORDS === 0) await nextTurn();
      if ("problem" in record) {
        this.#reject(record.position, record.problem);
        continue;
      }
      const conversion = this.#convert(record.value);
      if ("problem" in conversion) {
        this.#reject(record.position, conversion.problem);
        continue;
      }
      for (const note of conversion.notes ?? []) {
        this.#notes.set(note.reason, (this.#notes.get(note.reason) ?? 0) + 1);
        this.#rejects.add(record.position, "mended", note);
      }
      this.#batch.add(record.position, conversion);
      if (this.#batch.rowCount >= BATCH_ROWS || this.#batch.textLength >= BATCH_TEXT_MAX)
        await this.#flush();
    }
    await this.#rejects.drain();
  }

  async finish(): Promise<void> {
    await this.#flush();
    while (this.#outcomes.length > 0) await this.#settle();
  }

  counts() {
    return {
      read: this.read,
      inserted: this.#inserted,
      updated: this.#updated,
      same: this.#same,
      rejected: this.#rejected,
      reasons: this.#reasons,
      notes: this.#notes,
    };
  }

  async #flush(): Promise<void> {
    const batch = this.#batch;
    if (batch.rowCount === 0) return;
    this.#batch = new RowBatch(this.#completion);
    const completed = batch.finish();
    const before = this.#outcomes.at(-1) ?? Promise.resolve();
    // A batch is not written when one before it failed.
    const outcome = Promise.all([completed, before]).then(([complete]) =>
      this.#staging.merge(complete),
    );
    // A failure is thrown when its turn comes; until then it must not count as unhandled.
    outcome.catch(() => undefined);
    this.#outcomes.push(outcome);
    while (this.#outcomes.length > WAITING_MAX) await this.#settle();
  }

  /** Waits for the earliest batch. */
  async #settle(): Promise<void> {
    const outcome = await this.#outcomes[0];
    if (outcome === undefined) return;
    void this.#outcomes.shift();
    const { inserted, updated, same, rejected } = outcome;
    this.#inserted += inserted;
    this.#updated += updated;
    this.#same += same;
    for (const one of rejected) this.#reject(one.position, one);
  }

  #reject(position: number, problem: RecordProblem): void {
    this.#rejected += 1;
    this.#reasons.set(problem.reason, (this.#reasons.get(problem.reason) ?? 0) + 1);
    this.#rejects.add(position, "rejected", problem);
  }
}
