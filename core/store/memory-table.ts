/** One table of the store in memory. What a transaction changed is copied first, so that it can be taken back whole. */
import { hex } from "../domain/bytes.ts"

type Key = string | number | bigint | Uint8Array

/** Rows are copied on their way in and out: nobody else holds the bytes that the table holds. */
export class MemoryTable<Row extends object> {
  readonly #keyOf: (row: Row) => readonly Key[]
  #rows: ReadonlyMap<string, Row> = new Map()
  /** The copy that the running transaction made at its first change. */
  #draft: Map<string, Row> | undefined

  constructor(keyOf: (row: Row) => readonly Key[]) {
    this.#keyOf = keyOf
  }

  /** The rows as they are now; what changes later changes only one of the two. Not within a transaction. */
  copy(): MemoryTable<Row> {
    const copy = new MemoryTable(this.#keyOf)
    copy.#rows = this.#rows
    return copy
  }

  get(...key: readonly Key[]): Row | undefined {
    const row = this.#current().get(nameOf(key))
    return row && copied(row)
  }

  has(row: Row): boolean {
    return this.#current().has(nameOf(this.#keyOf(row)))
  }

  /** In the order in which their keys first came. */
  all(wanted: (row: Row) => boolean = () => true): readonly Row[] {
    return [...this.#current().values()].filter(wanted).map(copied)
  }

  count(wanted?: (row: Row) => boolean): number {
    if (!wanted) return this.#current().size
    let count = 0
    for (const row of this.#current().values()) if (wanted(row)) count++
    return count
  }

  put(row: Row): void {
    this.#writable().set(nameOf(this.#keyOf(row)), copied(row))
  }

  /** False when it was not there. */
  drop(...key: readonly Key[]): boolean {
    return this.#writable().delete(nameOf(key))
  }

  dropAll(unwanted: (row: Row) => boolean): void {
    const rows = this.#writable()
    for (const [name, row] of rows) if (unwanted(row)) rows.delete(name)
  }

  keepChanges(): void {
    this.#rows = this.#current()
    this.#draft = undefined
  }

  takeBackChanges(): void {
    this.#draft = undefined
  }

  #current(): ReadonlyMap<string, Row> {
    return this.#draft ?? this.#rows
  }

  #writable(): Map<string, Row> {
    this.#draft ??= new Map(this.#rows)
    return this.#draft
  }
}

const nameOf = (key: readonly Key[]): string =>
  key.map((part) => (part instanceof Uint8Array ? hex(part) : part.toString())).join("/")

/** As structuredClone, and much quicker, of what rows are made of: plain values, bytes, lists and records of these. */
export function copied<Value>(value: Value): Value {
  if (typeof value !== "object" || value === null) return value
  if (value instanceof Uint8Array) return new Uint8Array(value) as unknown as Value
  if (Array.isArray(value)) return value.map(copied) as unknown as Value
  const copy: Record<string, unknown> = {}
  for (const [name, part] of Object.entries(value)) copy[name] = copied(part as unknown)
  return copy as Value
}
