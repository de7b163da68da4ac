/** What people, the network and the machines do in a simulation, by dice. */
import { hex } from "../../core/domain/bytes.ts"
import type { StoredGroup } from "../../core/store/client-store.ts"
import { ask, membersOf, nameOf, say, usersOf } from "./asking.ts"
import { someCrowd, someGroup, someone } from "./choice.ts"
import {
  changeWeather,
  crash,
  cutOff,
  cutPower,
  empty,
  fill,
  goAway,
  keepBackup,
  killServer,
  reconnect,
  restore,
  startServer,
} from "./mishaps.ts"
import type { Person } from "./person.ts"
import { remark } from "./remarks.ts"
import { sabotage } from "./sabotage.ts"
import type { Scene } from "./scene.ts"
import { open, openBoth } from "./talks.ts"

const MINUTE_MS = 60_000
const HOUR_MS = 60 * MINUTE_MS
const INVITED_AT_ONCE = 4

type Deed = (scene: Scene) => Promise<void> | void

/** Each with how often it is done. */
const DEEDS: readonly (readonly [number, Deed])[] = [
  [60, text],
  [10, burst],
  [45, remark],
  [4, create],
  [16, invite],
  [6, remove],
  [8, update],
  [4, leave],
  [25, accept],
  [8, race],
  [12, crash],
  [4, cutPower],
  [5, stop],
  [20, start],
  [6, cutOff],
  [10, reconnect],
  [2, killServer],
  [6, startServer],
  [6, changeWeather],
  [2, keepBackup],
  [2, restore],
  [2, goAway],
  [4, fill],
  [4, empty],
  [8, open],
  [4, openBoth],
  [12, sabotage],
]
const WEIGHT = DEEDS.reduce((sum, [weight]) => sum + weight, 0)

export async function oneDeed(scene: Scene): Promise<void> {
  let at = scene.dice.below(WEIGHT)
  for (const [weight, deed] of DEEDS) {
    at -= weight
    if (at < 0) {
      await deed(scene)
      return
    }
  }
}

/** The time between two deeds: often none, sometimes a night. */
export function pauseMs({ dice }: Scene): number {
  if (dice.chance(0.5)) return dice.between(0, 300)
  if (dice.chance(0.005)) return dice.between(HOUR_MS, 3 * HOUR_MS)
  return dice.skewed(100, MINUTE_MS)
}

function text(scene: Scene): void {
  const who = someone(scene)
  const group = who && someGroup(scene, who)
  if (group) say(scene, who, group)
}

function burst(scene: Scene): void {
  const who = someone(scene)
  const group = who && someGroup(scene, who)
  if (group) for (let left = scene.dice.between(2, 8); left > 0; left--) say(scene, who, group)
}

export function create(scene: Scene): void {
  const who = someone(scene)
  if (!who || who.groups().length - who.store.directs().length >= 3) return
  const name = `${who.name}'s ${who.groups().length}`
  ask(scene, who, `creates "${name}"`, (session) => session.createGroup(name, scene.features.suite))
}

function invite(scene: Scene): void {
  const who = someone(scene)
  const group = who && someCrowd(scene, who)
  if (group) inviteTo(scene, who, group)
}

export function inviteTo(scene: Scene, who: Person, group: StoredGroup, most = INVITED_AT_ONCE): void {
  const users = usersOf(scene, group)
  // Nobody wants those back who have broken a group.
  const isUnwanted = (one: Person): boolean => one === scene.hostile && scene.hostility?.broken.size !== 0
  const others = scene.people.filter((one) => !users.has(one.user) && !isUnwanted(one))
  const names = [...new Set(scene.dice.some(others, scene.dice.between(1, most)).map(({ user }) => user))]
  if (names.length === 0) return
  ask(scene, who, `invites ${names.join(", ")} to ${nameOf(group)}`, (session) => session.invite(hex(group.id), names))
}

function remove(scene: Scene): void {
  const who = someone(scene)
  const group = who && someCrowd(scene, who)
  if (group) removeFrom(scene, who, group)
}

function removeFrom(scene: Scene, who: Person, group: StoredGroup): void {
  const members = membersOf(scene, group)
  const other = scene.dice.pick(scene.people.filter((one) => one.user !== who.user && members.includes(one.device)))
  if (!other) return
  ask(scene, who, `removes ${other.user} from ${nameOf(group)}`, (session) => session.remove(hex(group.id), other.user))
}

function update(scene: Scene): void {
  const who = someone(scene)
  const group = who && someCrowd(scene, who)
  if (group) updateIn(scene, who, group)
}

function updateIn(scene: Scene, who: Person, group: StoredGroup): void {
  ask(scene, who, `updates ${nameOf(group)}`, (session) => session.update(hex(group.id)))
}

function leave(scene: Scene): void {
  const who = someone(scene)
  const group = who && someGroup(scene, who, scene.dice.chance(0.5) ? "hidden" : "active")
  if (!group) return
  who.left.push({ tag: hex(group.tag), at: scene.schedule.elapsed })
  ask(scene, who, `leaves ${nameOf(group)}`, (session) => session.leave(hex(group.id)))
}

export function accept(scene: Scene): void {
  const who = scene.dice.pick(scene.people.filter((one) => one.isRunning && hasInvitation(one)))
  const group = who && someGroup(scene, who, "hidden")
  if (group) ask(scene, who, `accepts ${nameOf(group)}`, (session) => session.accept(hex(group.id)))
}

const hasInvitation = (who: Person): boolean => who.groups().some(({ status }) => status === "hidden")

/** Several change one group at once. */
function race(scene: Scene): void {
  const first = someone(scene)
  const group = first && someCrowd(scene, first)
  if (!group) return
  const racers = scene.people.flatMap((who) => {
    const row = who.isRunning ? who.groups().find(({ tag }) => hex(tag) === hex(group.tag)) : undefined
    return row?.status === "active" && row.leftAt === undefined ? [{ who, row }] : []
  })
  for (const { who, row } of scene.dice.some(racers, scene.dice.between(2, 5)))
    scene.dice.pick([updateIn, updateIn, inviteTo, removeFrom])?.(scene, who, row)
}

async function stop(scene: Scene): Promise<void> {
  const who = someone(scene)
  if (who) void who.stop()
}

export async function start(scene: Scene): Promise<void> {
  const { people, dice, schedule, server, trace } = scene
  const who = dice.pick(
    people.filter(
      (one) => (!one.isRunning || one.isLoggedOut) && one.awayUntil <= schedule.elapsed && !isGone(scene, one),
    ),
  )
  if (!who) return
  if (who.isLoggedOut) {
    trace.say(who.name, "logs in")
    who.die()
    await who.logIn(server)
  }
  void who.start().follow()
}

const isGone = (scene: Scene, who: Person): boolean => scene.isHostileGone && who === scene.hostile
