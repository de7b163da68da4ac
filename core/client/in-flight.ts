/** A few steps under way at once, begun in order. */

/**
 * @param begin makes one item ready while others are under way; returns the rest of its way, undefined when there is none.
 * @throws the first failure, when nothing is under way any more; what was not begun by then never is.
 */
export async function inFlight<T>(
  atOnce: number,
  items: readonly T[],
  begin: (item: T) => Promise<(() => Promise<void>) | undefined>,
): Promise<void> {
  const open = new Set<Promise<void>>()
  let failure: { readonly thrown: unknown } | undefined
  const failed = (thrown: unknown): void => {
    failure ??= { thrown }
  }
  for (const item of items) {
    while (open.size >= atOnce) await Promise.race(open)
    if (failure) break
    const go = await begin(item).catch(failed)
    if (!go) continue
    const flight = go()
      .catch(failed)
      .finally(() => open.delete(flight))
    open.add(flight)
  }
  await Promise.all(open)
  if (failure) throw failure.thrown
}
