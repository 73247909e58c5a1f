/** A direction of a plot: where values lie on it, from 0 to 1, and where it is marked. */
export interface Axis {
  readonly ticks: readonly number[];
  readonly place: (value: number) => number;
}

const STEPS = [1, 2, 5, 10];
/** Between so few powers of ten, twos and fives are marked as well. */
const FEW_DECADES = 2.5;

/** An axis from a value at or below the least to one at or above the greatest, marked at round numbers. */
export function linearAxis(least: number, greatest: number, marks = 6): Axis {
  const span = greatest - least || Math.abs(greatest) || 1;
  const raw = span / marks;
  const power = 10 ** Math.floor(Math.log10(raw));
  const step = power * (STEPS.find((each) => each * power >= raw * (1 - 1e-9)) ?? 10);
  const first = Math.floor(least / step + 1e-9);
  const last = Math.max(first + 1, Math.ceil(greatest / step - 1e-9));
  const ticks = Array.from({ length: last - first + 1 }, (_, i) => tidy((first + i) * step));
  const from = first * step;
  const width = (last - first) * step;
  return { ticks, place: (value) => (value - from) / width };
}

/**
 * A logarithmic axis between round numbers (1, 2 or 5 times a power of ten), marked at powers of ten, and at 2 and 5
 * times them when there are few. Values that have no logarithm lie at its beginning.
 */
export function logarithmicAxis(least: number, greatest: number): Axis {
  const lower = Number.isFinite(least) && least > 0 ? least : 1;
  const round = roundNumbers(lower, Math.max(lower, greatest));
  const from = Math.log10(round[0] ?? 1);
  const until = Math.log10(round.at(-1) ?? 10);
  const isShort = until - from <= FEW_DECADES;
  return {
    ticks: isShort ? round : round.filter((value) => Number.isInteger(tidy(Math.log10(value)))),
    place: (value) => (value > 0 ? Math.max(0, (Math.log10(value) - from) / (until - from)) : 0),
  };
}

/** From the last one that is not above the least to the first one that is above the greatest, or is it. */
function roundNumbers(least: number, greatest: number): number[] {
  // A logarithm may be rounded up to the next power.
  const first = Math.floor(Math.log10(least)) - 1;
  const last = Math.floor(Math.log10(greatest)) + 1;
  const all = Array.from({ length: last - first + 1 }, (_, i) =>
    [1, 2, 5].map((factor) => tidy(factor * 10 ** (first + i))),
  ).flat();
  const begin = all.findLastIndex((value) => value <= least);
  const end = all.findIndex((value) => value >= greatest);
  return all.slice(begin, Math.max(end, begin + 1) + 1);
}

/** A mark's number for people: `0.05`, `20`, `1,000`, `10k`, `2M`. */
export function tickLabel(value: number): string {
  const size = Math.abs(value);
  if (size >= 1e6) return `${tidy(value / 1e6)}M`;
  if (size >= 1e4) return `${tidy(value / 1e3)}k`;
  return value.toLocaleString("en", { maximumSignificantDigits: 4 });
}

/** Without what binary fractions leave behind. */
function tidy(value: number): number {
  return Number(value.toPrecision(12));
}
