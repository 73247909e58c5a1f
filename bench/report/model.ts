/** One line of the table: what was measured, beside what it is measured against. */
export interface Row {
  readonly what: string;
  readonly ours: string;
  readonly limit: string;
  readonly ratio: string;
  /** Empty when there is none. */
  readonly target: string;
  /** Null when there is no target. */
  readonly reached: boolean | null;
}

/** A line of a plot. */
export interface Series {
  readonly name: string;
  readonly points: readonly (readonly [x: number, y: number])[];
}

/** A plot, drawn as SVG. */
export interface Plot {
  readonly title: string;
  readonly xLabel: string;
  readonly yLabel: string;
  readonly logarithmicX?: boolean;
  readonly logarithmicY?: boolean;
  readonly series: readonly Series[];
}

/** What a scenario gives to the report. */
export interface ScenarioResult {
  readonly name: string;
  readonly title: string;
  readonly rows: readonly Row[];
  readonly plots: readonly Plot[];
  /** How it was measured and what to know when reading it. */
  readonly notes: readonly string[];
  /** Every figure, for machines. */
  readonly figures: unknown;
}

/** How long and how often a scenario measures. */
export interface RunOptions {
  readonly quick: boolean;
  readonly rounds: number;
  /** Of one turn. */
  readonly seconds: number;
  /** Only what has this in its name; empty: everything. */
  readonly only: string;
  /** Whether to profile the replica: figures of such a run are no measurement. */
  readonly profile: boolean;
  /** Labelled files for `verdicts`, products for `products`; empty: those that lie beside the checkout. */
  readonly files: readonly string[];
  readonly say: (line: string) => void;
}
