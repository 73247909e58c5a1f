const BUCKETS_PER_OCTAVE = 64;
const OCTAVES = 27;

/** A histogram of durations from 1 µs to 2 min in buckets of about 1 %. */
export class LatencyHistogram {
  readonly counts: Float64Array;

  constructor(counts?: readonly number[]) {
    this.counts = new Float64Array(OCTAVES * BUCKETS_PER_OCTAVE);
    if (counts !== undefined) this.counts.set(counts);
  }

  /** Units: milliseconds. */
  record(milliseconds: number): void {
    const place = Math.floor(Math.log2(Math.max(1, milliseconds * 1000)) * BUCKETS_PER_OCTAVE);
    const slot = Math.min(place, this.counts.length - 1);
    this.counts[slot] = (this.counts[slot] ?? 0) + 1;
  }

  add(other: LatencyHistogram): void {
    other.counts.forEach((count, slot) => {
      this.counts[slot] = (this.counts[slot] ?? 0) + count;
    });
  }

  get total(): number {
    return this.counts.reduce((sum, count) => sum + count, 0);
  }

  /** Returns the duration below which this share of all values is, or NaN without values. Units: milliseconds. */
  quantile(share: number): number {
    const wanted = this.total * share;
    let seen = 0;
    for (let slot = 0; slot < this.counts.length; slot += 1) {
      seen += this.counts[slot] ?? 0;
      if (seen >= wanted && seen > 0) return 2 ** ((slot + 0.5) / BUCKETS_PER_OCTAVE) / 1000;
    }
    return Number.NaN;
  }

  /** Returns the cumulative distribution for a plot, with a few points for each octave. */
  curve(): { readonly ms: number; readonly share: number }[] {
    const { total } = this;
    const points: { ms: number; share: number }[] = [];
    let seen = 0;
    this.counts.forEach((count, slot) => {
      seen += count;
      if ((slot + 1) % 8 === 0 && seen > 0 && (seen < total || points.at(-1)?.share !== 1)) {
        points.push({ ms: 2 ** ((slot + 1) / BUCKETS_PER_OCTAVE) / 1000, share: seen / total });
      }
    });
    return points;
  }
}
