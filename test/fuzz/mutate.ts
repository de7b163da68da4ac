/** Damaged inputs from valid ones; the same for the same seed, target and number. */
import { createHash } from "node:crypto"
import { SeededRandom } from "../fakes/world.ts"
import type { Target } from "./target.ts"

/** What lengths and counts like to go wrong with. */
const NUMBERS = [0, 1, 2, 0x3f, 0x40, 0x7f, 0x80, 0xff, 0x100, 0x3fff, 0x4000, 0x7fff, 0xffff, 0x7fff_ffff, 0xffff_ffff]
const NOISE_BYTES_MAX = 512
const REPEATED_BYTES_MAX = 65_536
/** One input in so many is very long. */
const LONG_ONE_IN = 4000
const LONG_BYTES = 1_048_576
const EDITS_MAX = 5
/** What terminals, parsers and paths trip over. */
const HOSTILE_WORDS = [
  "\0",
  "\u001b[31m",
  "\u202e",
  "\u2066",
  "\ufeff",
  "\r\n",
  '"',
  "'",
  "\\",
  "/../",
  "%00",
  "{",
  "]",
  "é",
  "👩‍👩‍👧",
]

/** @param index from 0: which input of the target it is. */
export function damagedInput(target: Target, seed: number, index: number): Uint8Array {
  const known = target.known?.[index]
  if (known) return known
  const random = new SeededRandom(seedOf(target.name, seed, index))
  const kind = random.below(32)
  if (kind === 0) return noise(random)
  const base = pick(target.corpus, random) ?? new Uint8Array(0)
  if (kind === 1) return base
  let bytes: Uint8Array = base.slice()
  for (let edits = 1 + random.below(EDITS_MAX); edits > 0; edits--) bytes = edited(bytes, target, random)
  if (random.below(LONG_ONE_IN) === 0) bytes = repeatedTo(bytes, LONG_BYTES)
  return target.mend && random.below(2) === 0 ? target.mend(bytes) : bytes
}

/** The generator's first numbers are small for small seeds, so they are hashed. */
const seedOf = (name: string, seed: number, index: number): number =>
  createHash("sha256").update(`${name} ${seed} ${index}`).digest().readUInt32LE(0)

function edited(bytes: Uint8Array, target: Target, random: SeededRandom): Uint8Array {
  const hasWords = target.words !== undefined && random.below(2) === 0
  if (hasWords) return withWord(bytes, target.words ?? [], random)
  return (EDITS[random.below(EDITS.length)] ?? flipBit)(bytes, random, target)
}

type Edit = (bytes: Uint8Array, random: SeededRandom, target: Target) => Uint8Array

const EDITS: readonly Edit[] = [
  flipBit,
  flipBit,
  setByte,
  setNumber,
  setNumber,
  truncate,
  extend,
  deleteBlock,
  repeatBlock,
  moveWord,
  splice,
]

function flipBit(bytes: Uint8Array, random: SeededRandom): Uint8Array {
  if (bytes.length === 0) return bytes
  const at = random.below(bytes.length)
  bytes[at] = (bytes[at] ?? 0) ^ (1 << random.below(8))
  return bytes
}

function setByte(bytes: Uint8Array, random: SeededRandom): Uint8Array {
  if (bytes.length > 0) bytes[random.below(bytes.length)] = random.below(3) === 0 ? 0xff : random.next()
  return bytes
}

/** Length fields: some number, or what is left, in 1, 2, 4 or 8 bytes of either order. */
function setNumber(bytes: Uint8Array, random: SeededRandom): Uint8Array {
  const size = 1 << random.below(4)
  if (bytes.length < size) return bytes
  const at = random.below(bytes.length - size + 1)
  const left = bytes.length - at - size
  const value = random.below(3) === 0 ? left + random.below(3) - 1 : (NUMBERS[random.below(NUMBERS.length)] ?? 0)
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength)
  const isLittle = random.below(2) === 0
  if (size === 1) view.setUint8(at, value)
  else if (size === 2) view.setUint16(at, value, isLittle)
  else if (size === 4) view.setUint32(at, value, isLittle)
  else view.setBigUint64(at, random.below(4) === 0 ? 0xffff_ffff_ffff_ffffn : BigInt(Math.max(0, value)), isLittle)
  return bytes
}

function truncate(bytes: Uint8Array, random: SeededRandom): Uint8Array {
  return bytes.slice(0, random.below(bytes.length + 1))
}

function extend(bytes: Uint8Array, random: SeededRandom): Uint8Array {
  const more = random.below(2) === 0 ? random.bytes(1 + random.below(32)) : new Uint8Array(1 + random.below(64))
  return joined(bytes, more)
}

function deleteBlock(bytes: Uint8Array, random: SeededRandom): Uint8Array {
  const [from, to] = block(bytes, random)
  return joined(bytes.subarray(0, from), bytes.subarray(to))
}

function repeatBlock(bytes: Uint8Array, random: SeededRandom): Uint8Array {
  const [from, to] = block(bytes, random)
  const times = 1 + random.below(16)
  const copies = new Array<Uint8Array>(times).fill(bytes.subarray(from, to))
  return joined(bytes.subarray(0, to), ...copies, bytes.subarray(to)).slice(0, REPEATED_BYTES_MAX)
}

/** Within Cap'n Proto's words pointers stay pointers. */
function moveWord(bytes: Uint8Array, random: SeededRandom): Uint8Array {
  const words = Math.floor(bytes.length / 8)
  if (words < 2) return bytes
  const from = 8 * random.below(words)
  return bytes.copyWithin(8 * random.below(words), from, from + 8)
}

function splice(bytes: Uint8Array, random: SeededRandom, { corpus }: Target): Uint8Array {
  const other = pick(corpus, random) ?? bytes
  const at = random.below(bytes.length + 1)
  const isAligned = random.below(2) === 0
  return joined(bytes.subarray(0, at), other.subarray(isAligned ? at : random.below(other.length + 1)))
}

function withWord(bytes: Uint8Array, words: readonly string[], random: SeededRandom): Uint8Array {
  const known = random.below(3) === 0 ? HOSTILE_WORDS : words
  const word = new Uint8Array(Buffer.from(known[random.below(known.length)] ?? ""))
  const at = random.below(bytes.length + 1)
  const until = random.below(2) === 0 ? at : Math.min(bytes.length, at + word.length)
  return joined(bytes.subarray(0, at), word, bytes.subarray(until))
}

const noise = (random: SeededRandom): Uint8Array => random.bytes(random.below(NOISE_BYTES_MAX))

function block(bytes: Uint8Array, random: SeededRandom): readonly [number, number] {
  const from = random.below(bytes.length + 1)
  return [from, Math.min(bytes.length, from + 1 + random.below(64))]
}

function repeatedTo(bytes: Uint8Array, length: number): Uint8Array {
  const long = new Uint8Array(length)
  if (bytes.length === 0) return long
  for (let at = 0; at < length; at += bytes.length) long.set(bytes.subarray(0, length - at), at)
  return long
}

const pick = (corpus: readonly Uint8Array[], random: SeededRandom): Uint8Array | undefined =>
  corpus[random.below(Math.max(1, corpus.length))]

const joined = (...parts: readonly Uint8Array[]): Uint8Array => new Uint8Array(Buffer.concat(parts))
