import type { Cell } from "./write/copy-text.ts";
import type { DataSource } from "./write/data-sources.ts";
import type { KnownCertifiers } from "./kinds/known-certifiers.ts";
import type { FileRecords, PositionUnit, RecordProblem } from "./read/records.ts";
import type { AnalysisRequest } from "../verdict/analysis-thread.ts";
import type { Target } from "./write/upsert-target.ts";

/** The result of converting a record: a row, perhaps with notes on mended or omitted values, or a problem. */
export type Conversion =
  | {
      readonly cells: readonly Cell[];
      readonly notes?: readonly RecordProblem[];
      /** The product of the row, where it is to be read and judged before it is written. */
      readonly toAnalyse?: AnalysisRequest;
    }
  | { readonly problem: RecordProblem };

/** The data that converters may read. */
export interface ConversionContext {
  readonly source: DataSource;
  readonly certifiers: KnownCertifiers;
  /** When the import began; stores that closed earlier are closed. */
  readonly now: Date;
  /** Whether recalls are shown at once, without an administrator's approval. */
  readonly publishes?: boolean | undefined;
}

/** How records of one kind are read from one file format. */
export interface Format {
  /** The name for people, such as `GeoJSON or Overpass JSON`. */
  readonly name: string;
  readonly positionUnit: PositionUnit;
  readonly defaultSource: DataSource;
  readonly target: Target;
  read(chunks: AsyncIterable<Buffer>): FileRecords;
  /** Creates a converter for one file, because converters may remember earlier records. */
  createConverter(context: ConversionContext): (value: unknown) => Conversion;
}
