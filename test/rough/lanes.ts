/** Many jobs, a few at a time: two cores are busy soon. */

/** In the order of the items; the first failure is the whole's. */
export async function inLanes<Item, Result>(
  items: readonly Item[],
  lanes: number,
  job: (item: Item) => Promise<Result>,
): Promise<readonly Result[]> {
  const results: Result[] = []
  let next = 0
  const lane = async (): Promise<void> => {
    while (next < items.length) {
      const at = next++
      results[at] = await job(items[at] as Item)
    }
  }
  await Promise.all(Array.from({ length: lanes }, lane))
  return results
}
