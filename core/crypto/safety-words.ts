/**
 * Numbers and epochs as English words, for comparing aloud. The words are those of BIP-39 (2,048, told apart by their
 * first four letters), used as digits of 11 bits each and for nothing else: no checksum, no seed.
 */
import { createHash } from "node:crypto"
import { wordlist } from "@scure/bip39/wordlists/english.js"
import { utf8 } from "../domain/bytes.ts"
import { QpqError } from "../domain/errors.ts"

const BASE = 2048n
const NUMBER_DIGITS = 60
/** 10^60 lies between 2^198 and 2^209. */
const NUMBER_WORDS = 19
const EPOCH_LABEL = utf8("qpq-epoch-words-v1")
const EPOCH_WORDS = 6
const EPOCH_BYTES = 9
/** Who makes epochs until two have the same words pays this for each. */
const ITERATIONS = 5200

/**
 * A safety number as 19 words: its 60 digits read as one decimal number, written in base 2048, the lowest digit first.
 * So the last word is one of three, and those that people look at first say most. @throws E070 unless it is 60 digits.
 */
export function safetyWords(number: string): readonly string[] {
  if (number.length !== NUMBER_DIGITS || !/^\d+$/.test(number))
    throw new QpqError("E070", "a safety number of 60 digits")
  const words: string[] = []
  for (let rest = BigInt(number); words.length < NUMBER_WORDS; rest /= BASE) words.push(wordAt(rest % BASE))
  return words
}

/**
 * Six words, 66 bits, that are the same for all who share an epoch of a group: h0 = label ‖ authenticator, 5,200 times
 * h(n+1) = SHA-512(h(n) ‖ authenticator), of the last the first 66 bits, 11 for each word.
 * @param authenticator epoch_authenticator (RFC 9420 section 8.7).
 */
export function epochWords(authenticator: Uint8Array): readonly string[] {
  let hash: Uint8Array = Buffer.concat([EPOCH_LABEL, authenticator])
  for (let round = 0; round < ITERATIONS; round++)
    hash = createHash("sha512").update(hash).update(authenticator).digest()
  const bits = BigInt(`0x${Buffer.from(hash.subarray(0, EPOCH_BYTES)).toString("hex")}`)
  return Array.from({ length: EPOCH_WORDS }, (_, at) =>
    wordAt((bits >> BigInt(8 * EPOCH_BYTES - 11 * (at + 1))) % BASE),
  )
}

const wordAt = (index: bigint): string => wordlist[Number(index)] ?? ""
