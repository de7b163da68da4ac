/** What the decoder fuzz throws damaged bytes at, and what it takes for an answer. */
import { QpqError } from "../../core/domain/errors.ts"
import type { ErrorCode } from "../../core/domain/errors.ts"

export interface Target {
  readonly name: string
  /** Valid inputs, made by the encoders of the product. */
  readonly corpus: readonly Uint8Array[]
  /** Gives a value, nothing where the decoder says so, or throws a QpqError; anything else is a defect. */
  readonly decode: (bytes: Uint8Array) => unknown
  /** How many inputs it gets next to the others; 1 unless it is slow. */
  readonly share?: number
  /** The refusals that its documentation names; without them any code will do. */
  readonly codes?: readonly ErrorCode[]
  /** Inputs that once were defects: they come first, as they are. */
  readonly known?: readonly Uint8Array[]
  /** Pieces that its inputs are made of. */
  readonly words?: readonly string[]
  /** Makes the outermost part fit again, so that what lies behind it is reached. */
  readonly mend?: (bytes: Uint8Array) => Uint8Array
}

/** Some targets of one room; made once in each process. */
export type TargetMaker = () => Promise<readonly Target[]>

export const HANG_MS_MAX = 1000
export const RSS_BYTES_MAX = 512 * 1_048_576

export interface Answer {
  /** ok, none, or the code of the refusal. */
  readonly outcome: string
  /** What is wrong with it. */
  readonly defect?: string
}

/** Waits only for promises: most decoders are done at once. */
export function answerOf(target: Target, bytes: Uint8Array): Answer | Promise<Answer> {
  try {
    const value = target.decode(bytes)
    return value instanceof Promise
      ? value.then(valueAnswer, (thrown: unknown) => refusalAnswer(target, thrown))
      : valueAnswer(value)
  } catch (thrown) {
    return refusalAnswer(target, thrown)
  }
}

const valueAnswer = (value: unknown): Answer => ({ outcome: value === undefined ? "none" : "ok" })

/** E099 is what a throw without a code becomes: no refusal. */
function refusalAnswer({ codes }: Target, thrown: unknown): Answer {
  if (thrown instanceof QpqError && thrown.code !== "E099") {
    const isPromised = codes?.includes(thrown.code) ?? true
    return isPromised
      ? { outcome: thrown.code }
      : { outcome: thrown.code, defect: `${thrown.code} is not promised: ${thrown.stack ?? ""}` }
  }
  const text = thrown instanceof Error ? (thrown.stack ?? thrown.message) : String(thrown)
  const cause = thrown instanceof Error && thrown.cause instanceof Error ? `\n  from ${thrown.cause.stack ?? ""}` : ""
  return { outcome: "untyped", defect: `threw ${text}${cause}` }
}

/** A target that reads text: bytes that are no UTF-8 become lone surrogates, which JavaScript's strings may hold. */
export const textTarget = ({
  decode,
  corpus,
  ...rest
}: Omit<Target, "decode" | "corpus"> & {
  readonly corpus: readonly string[]
  readonly decode: (text: string) => unknown
}): Target => ({
  ...rest,
  corpus: corpus.map((text) => new Uint8Array(Buffer.from(text))),
  decode: (bytes) => decode(Buffer.from(bytes).toString().replaceAll("\ufffd", "\ud800")),
})
