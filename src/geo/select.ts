/**
 * Returns the n-th smallest (from 0) of the first `length` values and reorders them.
 * Errors: RangeError when n is out of range.
 * Source: C. A. R. Hoare, Algorithm 65: Find, CACM 4 (1961), with the median of three because input may be sorted.
 */
export function selectNth(values: Float64Array, length: number, n: number): number {
  if (!(n >= 0 && n < length && length <= values.length))
    throw new RangeError(`no ${n}-th of ${length}`);
  let low = 0;
  let high = length - 1;
  while (low < high) {
    const a = values[low] ?? 0;
    const b = values[(low + high) >>> 1] ?? 0;
    const c = values[high] ?? 0;
    const pivot = Math.max(Math.min(a, b), Math.min(Math.max(a, b), c));
    let i = low;
    let j = high;
    while (i <= j) {
      while ((values[i] ?? 0) < pivot) i += 1;
      while ((values[j] ?? 0) > pivot) j -= 1;
      if (i > j) break;
      const swapped = values[i] ?? 0;
      values[i] = values[j] ?? 0;
      values[j] = swapped;
      i += 1;
      j -= 1;
    }
    if (n <= j) high = j;
    else if (n >= i) low = i;
    else break;
  }
  return values[n] ?? Number.NaN;
}
