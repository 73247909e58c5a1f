/** How many bits an integer may have in a double. */
const EXACT_BITS = 53;

/**
 * Returns the indices of non-negative values in ascending order; `tie` compares two indices of equal values.
 * Value and index are packed in one double, because a sort without a comparator is four times as fast. An insertion
 * sort then corrects the order of values that packing made equal.
 */
export function orderOf(values: Float64Array, tie: (a: number, b: number) => number): Uint32Array {
  const { length } = values;
  const placeBits = 32 - Math.clz32(length);
  const places = 2 ** placeBits;
  let most = 0;
  for (let place = 0; place < length; place += 1) most = Math.max(most, values[place] ?? 0);
  const steps = 2 ** (EXACT_BITS - placeBits) - 1;
  const stepsPerUnit = most === 0 ? 0 : Math.min(steps / most, Number.MAX_VALUE);
  const packed = new Float64Array(length);
  for (let place = 0; place < length; place += 1) {
    packed[place] = Math.floor((values[place] ?? 0) * stepsPerUnit) * places + place;
  }
  packed.sort();
  const order = new Uint32Array(length);
  for (let next = 0; next < length; next += 1) {
    const key = packed[next] ?? 0;
    const place = key - Math.floor(key / places) * places;
    let slot = next;
    while (slot > 0) {
      const before = order[slot - 1] ?? 0;
      const gap = (values[before] ?? 0) - (values[place] ?? 0);
      if (gap < 0 || (gap === 0 && tie(before, place) < 0)) break;
      order[slot] = before;
      slot -= 1;
    }
    order[slot] = place;
  }
  return order;
}
