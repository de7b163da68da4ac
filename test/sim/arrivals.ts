/** Further devices: how they become their account's, by a code or the password, through crashes and lost answers. */
import type { AccountRooms } from "../../core/client/account-rooms.ts"
import { enrol } from "../../core/client/enrolment.ts"
import { pairUp } from "../../core/client/pairing.ts"
import { codeFrom } from "../../core/crypto/code-text.ts"
import { within } from "../../core/domain/deadline.ts"
import { QpqError, toQpqError } from "../../core/domain/errors.ts"
import { equal } from "../../core/domain/bytes.ts"
import type { World } from "../../core/domain/world.ts"
import { Dead } from "./life.ts"
import type { Arrival } from "./device-wishes.ts"
import type { Person } from "./person.ts"
import type { Scene } from "./scene.ts"

const MINUTE_MS = 60_000
const DEVICES_MAX = 3
const ARRIVALS_MAX = 4
const CODE_SHARE = 0.6
const CRASH_SHARE = 0.3
const CRASH_STEPS_MAX = 25
/** A person who has waited so long shows another code. */
const WAIT_MS_MAX = 3 * MINUTE_MS
/** The new device is started again with the same code. */
const TRIES = 3

/** Somebody takes a new device into use. */
export function come(scene: Scene): void {
  const { deviceDice: dice, arrivals, people, hostile } = scene
  const countOf = ({ user }: Person): number => arrivals.filter(({ who }) => who.user === user).length
  const few = people.filter((one) => one !== hostile && one.isRunning && countOf(one) < DEVICES_MAX - 1)
  const first = dice.pick(few)
  if (!first || arrivals.length >= ARRIVALS_MAX) return
  const who = scene.newDevice(`${first.user}${countOf(first) + 2}`, first)
  const by = dice.chance(CODE_SHARE) ? "code" : "password"
  const arrival: Arrival = { who, first, by, isTrying: false, isOver: false }
  arrivals.push(arrival)
  void attempt(scene, arrival)
}

/** Those that did not come try again. */
export function comeAgain(scene: Scene): void {
  for (const arrival of scene.arrivals) void attempt(scene, arrival)
}

async function attempt(scene: Scene, arrival: Arrival): Promise<void> {
  if (arrival.isTrying || arrival.isOver) return
  arrival.isTrying = true
  const { who, by } = arrival
  const stop = new AbortController()
  scene.trace.say(who.name, `comes by ${by}`)
  try {
    await within(
      worldOf(scene),
      WAIT_MS_MAX,
      by === "code" ? byCode(scene, arrival, stop.signal) : byPassword(scene, arrival, stop.signal),
    )
    arrival.isOver = true
    scene.joined(who)
    void begin(scene, who)
  } catch (thrown) {
    note(scene, who, thrown)
    stop.abort(thrown)
    who.die()
  }
  arrival.isTrying = false
}

/** As a profile that has just become a device of an account does. */
async function begin(scene: Scene, who: Person): Promise<void> {
  const session = who.start()
  try {
    await session.refreshKeyPackages()
    await session.introduce()
  } catch (thrown) {
    note(scene, who, thrown)
  }
  await session.follow()
}

async function byCode(scene: Scene, { who, first }: Arrival, stop: AbortSignal): Promise<void> {
  const host = scene.deviceDice.pick(
    scene.devicesOf(first).filter(({ isRunning, isLoggedOut }) => isRunning && !isLoggedOut),
  )
  if (!host?.session) throw new QpqError("E055", "nobody is there to show a code")
  const { session } = host
  const { code } = await session.pairing()
  scene.trace.say(host.name, "shows a code")
  session.takeIn(code, WAIT_MS_MAX).then(
    () => {
      scene.trace.say(host.name, "has taken it in")
    },
    (thrown: unknown) => {
      note(scene, host, thrown)
    },
  )
  const order = { name: who.me.name, code: codeFrom(code), deviceName: who.name }
  await persistently({ scene, who, stop }, (rooms) => pairUp(rooms, order))
}

async function byPassword(scene: Scene, { who, first }: Arrival, stop: AbortSignal): Promise<void> {
  await persistently({ scene, who, stop }, async (rooms) => {
    const login = who.newLogin()
    const account = await scene.server.accountByName(who.me.name)
    if (!account) throw new QpqError("E005")
    const listed = (await scene.server.devicesOf(account.id)).some(({ deviceKey }) =>
      equal(deviceKey, who.me.deviceKey),
    )
    if (listed) await scene.server.openSession(login.kept)
    else scene.node.admit({ account, deviceKey: who.me.deviceKey, session: login.kept })
    const proved = { ...login, session: { ...login.session, listed } }
    const credentials = { name: first.me.name, password: "", deviceName: who.name }
    await enrol(rooms, { credentials, deviceSeed: who.me.deviceSeed, proved })
  })
}

/** It may crash, and lose answers: then the person starts it again. */
interface Trial {
  readonly scene: Scene
  readonly who: Person
  readonly stop: AbortSignal
}

async function persistently(
  { scene, who, stop }: Trial,
  step: (rooms: AccountRooms) => Promise<unknown>,
): Promise<void> {
  const { deviceDice: dice, schedule } = scene
  for (let left = TRIES; ; left--) {
    const steps = !who.isSpared && dice.chance(CRASH_SHARE) ? dice.between(0, CRASH_STEPS_MAX) : Infinity
    try {
      await who.enter(steps, step)
      return
    } catch (thrown) {
      // It crashed when all was stored.
      if (thrown instanceof QpqError && thrown.code === "E066") return
      const isLink = thrown instanceof Dead || (thrown instanceof QpqError && thrown.retryable)
      if (left === 1 || !isLink || stop.aborted) throw thrown
      scene.trace.say(who.name, "is started again")
    }
    await schedule.clock().sleep(dice.between(500, 5000), stop)
  }
}

function note({ trace, refusals }: Scene, { name }: Person, thrown: unknown): void {
  if (thrown instanceof Dead) return
  const { code, message } = toQpqError(thrown)
  trace.say(name, `does not come: ${code} ${message}`)
  refusals.push({ who: name, what: "comes", code })
}

const worldOf = ({ schedule }: Scene): World => ({ clock: schedule.clock() }) as World
