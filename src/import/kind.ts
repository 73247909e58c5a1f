import type { Cell } from "./write/copy-text.ts";
import type { DataSource } from "./write/data-sources.ts";
import type { KnownCertifiers } from "./kinds/known-certifiers.ts";
import type { FileRecords, PositionUnit, RecordProblem } from "./read/records.ts";
import type { AnalysisTools } from "../verdict/lexicon-query.ts";
import type { Target } from "./write/target.ts";

/** What can be imported. */
export const IMPORT_KINDS = [
  "stores",
  "products",
  "additives",
  "certifiers",
  "boycotts",
  "ingredients",
  "rulings",
  "recalls",
] as const;
export type ImportKind = (typeof IMPORT_KINDS)[number];

/** What a record becomes: a row, perhaps with notes about what was mended or left out, or nothing. */
export type Conversion =
  | { readonly cells: readonly Cell[]; readonly notes?: readonly RecordProblem[] }
  | { readonly problem: RecordProblem };

/** What every converter may look at. */
export interface ConversionContext {
  readonly source: DataSource;
  readonly certifiers: KnownCertifiers;
  /** When the import began: what ended before it is no more. */
  readonly now: Date;
  /** With what lists are read and products judged; missing for kinds that need neither. */
  readonly tools?: AnalysisTools | null | undefined;
  /** Whether recalls are shown at once, without an administrator's approval. */
  readonly publishes?: boolean | undefined;
}

/** How one kind is read from one file format. */
export interface Format {
  /** For people, such as `GeoJSON or Overpass JSON`. */
  readonly name: string;
  readonly positionUnit: PositionUnit;
  readonly defaultSource: DataSource;
  readonly target: Target;
  read(chunks: AsyncIterable<Buffer>): FileRecords;
  /** Converters may remember earlier records of the file, so each file has its own. */
  createConverter(context: ConversionContext): (value: unknown) => Conversion;
}
