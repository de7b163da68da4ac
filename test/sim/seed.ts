/** One seed from its beginning to its verdict. */
import { hex } from "../../core/domain/bytes.ts"
import { shownMembers } from "./check-devices.ts"
import { judge, places, unrest } from "./check.ts"
import { come, comeAgain } from "./arrivals.ts"
import { ask, say } from "./asking.ts"
import { accept, create, inviteTo, oneDeed, pauseMs, start } from "./deeds.ts"
import { haunt, settleGhost } from "./haunting.ts"
import { backOnline, giveRoom, startServer } from "./mishaps.ts"
import { honest } from "./check-groups.ts"
import { revoke, revokeAgain } from "./revocations.ts"
import { Scene } from "./scene.ts"
import type { Defect } from "./scene.ts"
import type { Violation } from "./violation.ts"
import { FAIR } from "./wire.ts"

const MINUTE_MS = 60_000
const HOUR_MS = 60 * MINUTE_MS
const DEEDS_MIN = 30
const DEEDS_MAX = 120
/** Who asked to rejoin asks again after an hour; a full mailbox is tried for a day. */
const QUIET_HOURS_MAX = 30

export interface Verdict {
  readonly seed: number
  readonly violations: readonly Violation[]
  readonly trace: readonly string[]
  readonly counts: Counts
}

export interface Counts {
  readonly people: number
  readonly groups: number
  /** Of the groups, those that go on for one that broke, and conversations of two. */
  readonly successors: number
  readonly directs: number
  readonly messages: number
  /** Answers, reactions, edits and deletions. */
  readonly remarks: number
  readonly commits: number
  readonly lostRaces: number
  readonly crashes: number
  readonly drops: number
  readonly calls: number
  readonly virtualMs: number
}

export async function runSeed(seed: number, defect: Defect = {}): Promise<Verdict> {
  const scene = new Scene(seed, defect)
  const violations = await scene.withVirtualDate(async () => {
    await live(scene)
    const restless = await settle(scene)
    const before = [...judge(scene), ...(await shownMembers(scene))]
    if (restless !== undefined) return [...before, { check: "stuck" as const, what: restless }]
    return [...before, ...(await probe(scene))]
  })
  scene.ghost?.who.remove()
  for (const who of new Set([...scene.everybody, ...scene.arrivals.map((one) => one.who)])) who.remove()
  return verdict(scene, violations)
}

function verdict(scene: Scene, violations: readonly Violation[]): Verdict {
  const { seed, people, truth, wire, trace, schedule, said, remarks } = scene
  const crashes = scene.everybody.reduce((sum, who) => sum + who.crashes, 0)
  const { commits, lostRaces } = truth.counts
  const { drops, calls } = wire.counts
  const begun = [...truth.groups.values()].filter(({ epochs }) => epochs.length > 1)
  const groups = begun.length
  const successors = begun.filter(({ before }) => before).length
  const directs = begun.filter(({ isDirect }) => isDirect).length
  const counts = {
    people: people.length,
    groups,
    successors,
    directs,
    messages: said,
    remarks,
    commits,
    lostRaces,
    crashes,
    drops,
    calls,
  }
  return { seed, violations, trace: trace.lines, counts: { ...counts, virtualMs: schedule.elapsed } }
}

async function live(scene: Scene): Promise<void> {
  scene.node.start()
  for (const who of scene.people) await who.register(scene.server)
  await settleGhost(scene)
  await startAll(scene)
  await scene.pass(MINUTE_MS)
  for (let groups = scene.dice.between(1, 2); groups > 0; groups--) await gather(scene)
  for (let deeds = scene.dice.between(DEEDS_MIN, DEEDS_MAX); deeds > 0; deeds--) {
    await oneDeed(scene)
    if (scene.dice.chance(0.4)) await start(scene)
    if (scene.features.devices) deviceDeed(scene)
    await haunt(scene)
    await scene.pass(pauseMs(scene))
  }
  await days(scene)
}

/** Devices come, mostly early, and some are revoked. */
function deviceDeed(scene: Scene): void {
  const { deviceDice: dice } = scene
  if (dice.chance(0.08)) come(scene)
  if (dice.chance(0.03)) revoke(scene)
  if (dice.chance(0.2)) comeAgain(scene)
  if (dice.chance(0.2)) revokeAgain(scene)
}

/** A group of most of the people, most of whom accept. */
async function gather(scene: Scene): Promise<void> {
  create(scene)
  await scene.pass(MINUTE_MS)
  for (const founder of scene.people)
    for (const group of founder.groups())
      if (group.epoch === 0n) inviteTo(scene, founder, group, scene.dice.between(1, scene.people.length))
  await scene.pass(MINUTE_MS)
  for (let left = scene.people.length; left > 0; left--) if (scene.dice.chance(0.8)) accept(scene)
  await scene.pass(MINUTE_MS)
}

/** Until the last of those who went away is back, the others come by once a day. */
async function days(scene: Scene): Promise<void> {
  for (;;) {
    const until = Math.max(...honest(scene).map(({ awayUntil }) => awayUntil))
    const left = until - scene.schedule.elapsed
    if (left <= 0) return
    await night(scene, Math.min(left, scene.dice.between(10, 22) * HOUR_MS))
    await startAll(scene)
    for (let deeds = scene.dice.between(2, 8); deeds > 0; deeds--) {
      await oneDeed(scene)
      await scene.pass(scene.dice.skewed(100, MINUTE_MS))
    }
  }
}

async function startAll(scene: Scene): Promise<void> {
  for (let left = scene.people.length; left > 0; left--) await start(scene)
}

/** All programs end, and time passes. */
async function night(scene: Scene, ms: number): Promise<void> {
  for (const who of scene.people) void who.stop()
  await scene.pass(MINUTE_MS)
  for (const who of [...scene.everybody, ...scene.arrivals.map((one) => one.who)]) who.die()
  await scene.pass(ms)
}

/** Everything works again; everybody follows until there is nothing left to do. @returns what is still to be done. */
async function settle(scene: Scene): Promise<string | undefined> {
  scene.wire.weather = FAIR
  for (let hours = 0; ; hours++) {
    await heal(scene)
    for (let minutes = 0; minutes < 6; minutes++) {
      await scene.pass(MINUTE_MS / 2)
      if (minutes > 0 && unrest(scene) === undefined) return undefined
    }
    const restless = unrest(scene)
    if (hours === QUIET_HOURS_MAX) return restless
    scene.trace.say("still", restless ?? "")
    acceptAll(scene)
    await scene.pass(MINUTE_MS)
    await night(scene, HOUR_MS)
  }
}

/** Nobody acts for a group that they have not accepted: where all others wait for help, somebody must. */
function acceptAll(scene: Scene): void {
  for (const who of scene.people)
    for (const { id, status, leftAt, name } of who.groups())
      if (status === "hidden" && leftAt === undefined)
        ask(scene, who, `accepts "${name}" at last`, (session) => session.accept(hex(id)))
}

async function heal(scene: Scene): Promise<void> {
  startServer(scene)
  if (scene.hostility) scene.hostility.isOver = true
  for (const who of scene.people) {
    giveRoom(scene, who)
    who.dieAfter(Infinity)
    if (who.isOffline) backOnline(scene, who)
  }
  for (const { who } of scene.arrivals) who.dieAfter(Infinity)
  await startAll(scene)
  comeAgain(scene)
  revokeAgain(scene)
}

/** No group is stuck: each member's text reaches all, and one can change it. */
async function probe(scene: Scene): Promise<readonly Violation[]> {
  const before = scene.refusals.length
  const saying = places(scene).map(({ group, seats }) => {
    // Alone in a conversation of two there is nobody to talk to.
    const isTalk = !group.isDirect || new Set(seats.map((seat) => seat.who.user)).size === 2
    const speakers = seats.filter(({ row }) => row.status === "active" && isTalk)
    for (const { who, row } of speakers) say(scene, who, row)
    return { group, speakers, epochs: group.epochs.length }
  })
  await scene.pass(MINUTE_MS)
  for (const { speakers } of saying) {
    const one = scene.dice.pick(speakers)
    if (one) ask(scene, one.who, `updates "${one.row.name}" at last`, (session) => session.update(hex(one.row.id)))
  }
  const restless = await settle(scene)
  const stuck = saying.filter(({ group, speakers, epochs }) => speakers.length > 0 && group.epochs.length === epochs)
  return [
    ...judge(scene),
    ...stuck.map(({ group }) => ({ check: "stuck" as const, what: `no update in ${group.tag}` })),
    ...scene.refusals
      .slice(before)
      .map(({ who, what, code }) => ({ check: "stuck" as const, what: `${who} ${what}: ${code}` })),
    ...(restless === undefined ? [] : [{ check: "stuck" as const, what: restless }]),
  ]
}
