/** Asks a server about names that it knows and names that nobody has, in turn, and takes the time of each answer. */
import { deviceKey } from "../../core/domain/ids.ts"
import { toQpqError } from "../../core/domain/errors.ts"
import { userName } from "../../core/domain/user-name.ts"
import type { UserName } from "../../core/domain/user-name.ts"
import { LOGIN_FINISH_BYTES, startLogin } from "../../core/opaque/login.ts"
import { startRegistration } from "../../core/opaque/registration.ts"
import type { RemoteNode } from "../../core/rpc/remote-node.ts"
import type { SeededRandom } from "../fakes/world.ts"
import { EMPTY } from "../../core/domain/bytes.ts"
import { fresh, joined } from "../fakes/node-device.ts"
import type { ServerProcess } from "../fakes/server-process.ts"

/** All names are as long: a longer one makes a longer request. */
const NAME_CHARACTERS = 12
const ALPHABET = "abcdefghijklmnopqrstuvwxyz"
const WARM_UP = 30

/** In the path, but never in the way. */
export const RAISED_LIMITS = ["rate-limit", "login-limit", "registration-limit"].flatMap((name) => [
  `--${name}`,
  "1000000",
])

export type Kind = "known" | "unknown"
export const MEASURES = ["loginStart", "failing login", "registerStart", "resolveUser"] as const
export type Measure = (typeof MEASURES)[number]

export interface Times {
  /** Milliseconds, by what was asked and for whom. */
  readonly of: Readonly<Record<Measure, Readonly<Record<Kind, number[]>>>>
  /** What an answer looked like from outside: its sizes or its error. */
  readonly looks: Readonly<Record<Measure, Readonly<Record<Kind, Set<string>>>>>
}

export interface TimesOptions {
  readonly server: ServerProcess
  readonly dice: SeededRandom
  /** Of each kind; as many do not exist. */
  readonly names: number
  /** Logins of each kind. */
  readonly logins: number
  readonly signal: AbortSignal
  /** Added to the unknown ones, to see that it is found. */
  readonly delayMs: number
}

export async function takeTimes(options: TimesOptions): Promise<Times> {
  const { server, dice, logins, signal } = options
  const names = await namesOf(options)
  const { auth } = await joined((await server.dial()).door, randomName(dice))
  const { node } = await server.dial(auth)
  const times: Times = { of: perMeasure(() => []), looks: perMeasure(() => new Set<string>()) }
  for (let at = -WARM_UP; at < logins && !signal.aborted; at++) {
    const kinds: readonly Kind[] = dice.below(2) === 0 ? ["known", "unknown"] : ["unknown", "known"]
    for (const kind of kinds) {
      const name = names[kind][dice.below(names[kind].length)]!
      const delayMs = kind === "unknown" ? options.delayMs : 0
      note(times, kind, await asks(node, name, delayMs), at >= 0)
    }
  }
  return times
}

function note(times: Times, kind: Kind, asked: Record<Measure, Asked>, isWarm: boolean): void {
  for (const measure of MEASURES) {
    times.looks[measure][kind].add(asked[measure].look)
    if (isWarm) times.of[measure][kind].push(asked[measure].ms)
  }
}

const perMeasure = <Value>(make: () => Value): Record<Measure, Record<Kind, Value>> => ({
  loginStart: { known: make(), unknown: make() },
  "failing login": { known: make(), unknown: make() },
  registerStart: { known: make(), unknown: make() },
  resolveUser: { known: make(), unknown: make() },
})

async function namesOf({ server, dice, names }: TimesOptions): Promise<Record<Kind, readonly UserName[]>> {
  const { door, connection } = await server.dial()
  const known: UserName[] = []
  for (let at = 0; at < names; at++) {
    const name = randomName(dice)
    await joined(door, name)
    known.push(userName(name))
  }
  connection.close(0, "")
  return { known, unknown: Array.from({ length: names }, () => userName(randomName(dice))) }
}

const randomName = (dice: SeededRandom): string =>
  Array.from({ length: NAME_CHARACTERS }, () => ALPHABET[dice.below(ALPHABET.length)] ?? "").join("")

interface Asked {
  readonly ms: number
  readonly look: string
}

/** A login as by somebody who does not know the password, then the other questions that name somebody. */
async function asks(node: RemoteNode, name: UserName, delayMs: number): Promise<Record<Measure, Asked>> {
  const { request } = await startLogin("a guess")
  const begun = await timed(delayMs, () => node.loginStart(name, request))
  if (!begun.value) throw new Error(`a login did not begin: ${begun.look}`)
  const { response, loginId } = begun.value
  const guess = { finish: fresh(LOGIN_FINISH_BYTES), signature: fresh(64), refreshHash: fresh(32) }
  const ended = await timed(0, () => node.loginFinish({ ...guess, loginId, deviceKey: deviceKey(fresh(32)) }))
  const registration = await startRegistration("a guess")
  const registered = await timed(delayMs, () => node.registerStart(name, registration.request))
  const resolved = await timed(delayMs, () => node.resolveUser(name))
  return {
    loginStart: { ms: begun.ms, look: `${response.length} and ${loginId.length} bytes` },
    "failing login": { ms: begun.ms + ended.ms, look: ended.look },
    registerStart: { ms: registered.ms, look: `${(registered.value ?? EMPTY).length} bytes` },
    resolveUser: resolved,
  }
}

async function timed<Value>(delayMs: number, step: () => Promise<Value>): Promise<Asked & { readonly value?: Value }> {
  const since = performance.now()
  const elapsed = (): number => performance.now() - since
  while (elapsed() < delayMs) continue
  try {
    const value = await step()
    return { ms: elapsed(), look: "answered", value }
  } catch (thrown) {
    const ms = elapsed()
    const { code, message } = toQpqError(thrown)
    return { ms, look: `${code} ${message}` }
  }
}
