/** Randomness and clock that are the same in each process, so that keys are, and a failing input can be decoded again. */
import crypto, { createHash } from "node:crypto"
import { syncBuiltinESMExports } from "node:module"

/** 2026-01-01, in milliseconds since the Unix epoch. */
const NOW = 1_767_225_600_000
const BLOCK_BYTES = 32

let counter = 0

/** From now on, for the whole process. Nothing here is secret. */
export function usePinnedDice(): void {
  Object.assign(crypto, { randomBytes: (length: number) => filled(Buffer.alloc(length)) })
  Object.defineProperty(globalThis.crypto, "getRandomValues", { value: filled })
  Date.now = () => NOW
  syncBuiltinESMExports()
}

/** Each maker begins anew: its corpus does not depend on who was made before. */
export function restartDice(): void {
  counter = 0
}

function filled<T extends ArrayBufferView>(target: T): T {
  const bytes = new Uint8Array(target.buffer, target.byteOffset, target.byteLength)
  for (let at = 0; at < bytes.length; at += BLOCK_BYTES) {
    const block = createHash("sha256").update(`pinned ${counter++}`).digest()
    bytes.set(block.subarray(0, bytes.length - at), at)
  }
  return target
}
