/** Steps one at a time. */

/**
 * Per name, in the order asked: two steps from one MLS state would reuse a key. Runs `step` when the earlier steps of the same name are done, whatever came of them.
 */
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

/**
 * A step that does all there is to do: whoever asks while it is under way waits for one more, which serves all who asked
 * by then. With another subject, for one of its own.
 */
export function singly<T>(step: (subject: T) => Promise<void>): (subject: T) => Promise<void> {
  let running: Promise<void> = Promise.resolve()
  let next: { readonly subject: T; readonly done: Promise<void> } | undefined
  return (subject) => {
    if (next?.subject === subject) return next.done
    const done = running
      .catch(() => undefined)
      .then(() => {
        next = undefined
        return step(subject)
      })
    next = { subject, done }
    running = done
    return done
  }
}
