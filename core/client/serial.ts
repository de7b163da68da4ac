/** A turnstile per name: one step at a time, in the order asked. Two steps from one MLS state would reuse a key. */

/** Runs `step` when the earlier steps of the same name are done, whatever came of them. */
export type Turnstile = <T>(name: string, step: () => Promise<T>) => Promise<T>

export function turnstile(): Turnstile {
  const last = new Map<string, Promise<unknown>>()
  return (name, step) => {
    const before = last.get(name) ?? Promise.resolve()
    const mine = before.then(step, step)
    const settled = mine.then(
      () => undefined,
      () => undefined,
    )
    last.set(name, settled)
    void settled.then(() => {
      if (last.get(name) === settled) last.delete(name)
    })
    return mine
  }
}
