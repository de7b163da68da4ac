/** What the steps of the client store's model are drawn from: few names, so that the same rows are met again and again. */
import fc from "fast-check"
import { accountKey, deviceKey, groupId, messageId } from "../../core/domain/ids.ts"
import { userName } from "../../core/domain/user-name.ts"
import type { ClientTx } from "../../core/store/client-store.ts"

export const bytes = (length: number, value: number): Uint8Array => new Uint8Array(length).fill(value)
export const small = (max: number): fc.Arbitrary<number> => fc.nat({ max })

export const IDS = [1, 1, 1, 2, 2, 3].map((value) => groupId(bytes(32, value)))
export const id = fc.constantFrom(...IDS)
export const epoch = fc.constantFrom(0n, 1n, 2n, 3n)
export const position = fc.constantFrom(1n, 2n, 3n)
export const message = small(4).map((value) => messageId(bytes(16, value + 1)))
export const device = small(2).map((value) => deviceKey(bytes(32, value + 1)))
export const account = small(2).map((value) => accountKey(bytes(32, value + 1)))
/** A profile has one account: its own lines have one sender. */
export const OWN = accountKey(bytes(32, 1))
export const name = small(2).map((value) => userName(`user${value}`))
export const owner = small(1).map((value) => bytes(16, value + 1))
export const blob = fc.uint8Array({ minLength: 1, maxLength: 6 })
export const time = small(40)
export const place = small(8)
export const maybe = <Value>(value: fc.Arbitrary<Value>): fc.Arbitrary<Value | undefined> =>
  fc.option(value, { nil: undefined })
export const version = maybe(small(6))

export type Step = (tx: ClientTx) => unknown
export type StepOf = fc.Arbitrary<Step>

/** One step of each drawing of `given`; a counterexample shows what it does and with what. */
export const step = <Given extends object>(
  given: { [Name in keyof Given]: fc.Arbitrary<Given[Name]> },
  run: (tx: ClientTx, given: Given) => unknown,
): StepOf =>
  fc.record<Given>(given).map((drawn) => {
    const shown = (): string => `${run.toString().replaceAll(/\s+/g, " ")} of ${fc.stringify(drawn)}`
    return Object.assign((tx: ClientTx) => run(tx, drawn), { [fc.toStringMethod]: shown })
  })
