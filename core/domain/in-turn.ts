/** Steps that wait for each other. */

/** Each step given begins when the one given before it is over, however that went. */
export function oneAfterAnother(): <Value>(step: () => Promise<Value>) => Promise<Value> {
  let last: Promise<unknown> = Promise.resolve()
  return (step) => {
    const next = last.then(step)
    // What it came to, perhaps megabytes, is not kept until the next one.
    last = next.then(nothing, nothing)
    return next
  }
}

const nothing = (): void => undefined
