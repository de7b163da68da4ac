/** A byte format that travels or is kept, whose frozen frames every later program must read. */

export interface Format {
  /** Of the frame in the frozen file; stays for ever. */
  readonly name: string
  /** Only for freezing: of fixed inputs, and of fresh randomness where the format has some. */
  readonly make: () => Uint8Array | Promise<Uint8Array>
  /** What stands in the frame, in values that JSON can hold by `plain`. */
  readonly read: (frame: Uint8Array) => unknown
  /** Byte for byte what `read` read; undefined where sealing takes fresh randomness. */
  readonly again?: (frame: Uint8Array) => Uint8Array
}

export interface Frozen {
  readonly name: string
  /** Base64. */
  readonly frame: string
  readonly value: unknown
}

/** Bytes as hex, or as length and value where they are all the same; large integers as digits. */
export function plain(value: unknown): unknown {
  if (typeof value === "bigint") return { $integer: value.toString() }
  if (value instanceof Uint8Array) {
    const [first = 0] = value
    if (value.length > 8 && value.every((byte) => byte === first)) return { $filled: [value.length, first] }
    return { $bytes: Buffer.from(value).toString("hex") }
  }
  if (Array.isArray(value)) return value.map(plain)
  if (value === undefined) return null
  if (typeof value !== "object" || value === null) return value
  const fields = Object.entries(value).filter(([, field]) => field !== undefined)
  return Object.fromEntries(fields.map(([name, field]) => [name, plain(field)]))
}
