/** One row of the table: a figure, its limit and its target. */
export interface Row {
  readonly what: string;
  readonly ours: string;
  readonly limit: string;
  readonly ratio: string;
  /** The target, or an empty string. */
  readonly target: string;
  /** Whether the target was reached; null without a target. */
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

/** The result of a scenario, for the report. */
export interface ScenarioResult {
  readonly name: string;
  readonly title: string;
  readonly rows: readonly Row[];
  readonly plots: readonly Plot[];
  /** Notes on the method and on reading the figures. */
  readonly notes: readonly string[];
  /** All figures, in a form for programs. */
  readonly figures: unknown;
}

/** The options of a run. */
export interface RunOptions {
  readonly quick: boolean;
  readonly rounds: number;
  /** The duration of one turn. */
  readonly seconds: number;
  /** Runs only subjects whose name contains this text; empty for all. */
  readonly only: string;
  /** Whether to profile the instance; the figures of such a run are not a measurement. */
  readonly profile: boolean;
  /** Labelled files for `verdicts`, products for `products`; empty for the files beside the checkout. */
  readonly files: readonly string[];
  readonly say: (line: string) => void;
}
