/** Decoders with the defects that the programme is there to find; only for its own test. */
import type { Target } from "./target.ts"

const ODD = 3
const corpus = [Uint8Array.of(1, 2, 3, 4, 5, 6, 7, 8)]
/** The first input meets the defect; of the others hardly any. */
const known = [Uint8Array.of(ODD)]

const isOdd = (bytes: Uint8Array): boolean => bytes[0] === ODD

/** Kept for good. */
const eaten: Buffer[] = []

export const controlTargets = async (): Promise<readonly Target[]> => [
  {
    name: "control throws",
    corpus,
    known,
    decode(bytes) {
      if (isOdd(bytes)) throw new TypeError("no code")
      return bytes
    },
  },
  {
    name: "control rejects",
    corpus,
    known,
    decode: async (bytes) => {
      if (isOdd(bytes)) await Promise.reject(new RangeError("no code"))
      return bytes
    },
  },
  {
    name: "control hangs",
    corpus,
    known,
    decode(bytes) {
      while (isOdd(bytes));
      return bytes
    },
  },
  {
    name: "control waits for ever",
    corpus,
    known,
    decode: (bytes) => (isOdd(bytes) ? new Promise(() => undefined) : bytes),
  },
  {
    name: "control is slow",
    corpus,
    known,
    decode(bytes) {
      const before = process.cpuUsage()
      const usedMs = ({ user, system } = process.cpuUsage(before)): number => (user + system) / 1000
      while (isOdd(bytes) && usedMs() < 1200) {
        const until = performance.now() + 5
        while (performance.now() < until);
      }
      return bytes
    },
  },
  {
    name: "control eats memory",
    corpus,
    known,
    decode(bytes) {
      if (isOdd(bytes)) eaten.push(Buffer.alloc(500 * 1_048_576, 1))
      return bytes
    },
  },
  {
    name: "control ends the process",
    corpus,
    known,
    decode(bytes) {
      if (isOdd(bytes)) process.abort()
      return bytes
    },
  },
]
