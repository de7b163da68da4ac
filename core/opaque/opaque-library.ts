/** The OPAQUE library (RFC 9807) behind bytes: its base64url strings do not leave core/opaque. */
import { QpqError } from "../domain/errors.ts"
import type { UserName } from "../domain/user-name.ts"
import type * as wasm from "./wasm.ts"

/** Fixed in the protocol: Argon2id with 64 MiB. The tiny one is for tests alone. */
export type KeyStretching = "standard" | "unsafeTestingTiny"

const TINY = { "argon2id-custom": { iterations: 1, memory: 8, parallelism: 1 } } as const

export const stretchingOf = (stretching: KeyStretching): "memory-constrained" | typeof TINY =>
  stretching === "standard" ? "memory-constrained" : TINY

const SERVER_IDENTITY = "qpq"

export const identifiers = (name: UserName): { client: string; server: string } => ({
  client: name,
  server: SERVER_IDENTITY,
})

export const toText = (bytes: Uint8Array): string => Buffer.from(bytes).toString("base64url")
export const toBytes = (text: string): Uint8Array => new Uint8Array(Buffer.from(text, "base64url"))

export type OpaqueLibrary = typeof wasm

/** Its WebAssembly is loaded by the first password: most runs of a client and most starts of a server meet none. */
export async function opaqueLibrary(): Promise<OpaqueLibrary> {
  const library = await import("./wasm.ts")
  await library.ready
  return library
}

/** Loads the library, then runs `step`; what it throws is garbage from the other end. @throws E026 */
export async function opaqueStep<T>(what: string, step: (library: OpaqueLibrary) => T): Promise<T> {
  const library = await opaqueLibrary()
  try {
    return step(library)
  } catch (cause) {
    throw new QpqError("E026", `OPAQUE ${what}`, { cause })
  }
}
