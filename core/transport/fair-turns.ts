/** Who is next when many wait: one of each group in turn, however many wait in any of them. */
export class FairTurns<T> {
  readonly #waiting = new Map<string, T[]>()
  #size = 0

  get size(): number {
    return this.#size
  }

  /** At the end of its group; a group that did not wait is behind all that do. */
  add(group: string, item: T): void {
    const others = this.#waiting.get(group)
    if (others) others.push(item)
    else this.#waiting.set(group, [item])
    this.#size++
  }

  /** Takes the next; its group is now behind all others. Undefined when nothing waits. */
  next(): T | undefined {
    const [first] = this.#waiting
    if (!first) return undefined
    const [group, items] = first
    this.#waiting.delete(group)
    const item = items.shift()
    if (items.length > 0) this.#waiting.set(group, items)
    this.#size--
    return item
  }
}
