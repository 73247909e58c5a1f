/**
 * Repeats a step until it does less than a full one, or the worker stops; gives how much was done.
 * Many short statements instead of one: none is in the way of others for long.
 */
export async function repeatWhileFull(
  full: number,
  signal: AbortSignal | undefined,
  step: () => Promise<number>,
): Promise<number> {
  let total = 0;
  for (;;) {
    const done = await step();
    total += done;
    if (done < full || signal?.aborted === true) return total;
  }
}
