/** What happens to people, their machines, the network and the server in a simulation, by dice. */
import { storedCursor } from "../../core/client/mail-cursor.ts"
import { someone } from "./choice.ts"
import type { Person } from "./person.ts"
import type { Scene } from "./scene.ts"
import { FAIR } from "./wire.ts"

const HOUR_MS = 3_600_000
const DAY_MS = 24 * HOUR_MS
const CRASH_STEPS_MAX = 60

export function crash(scene: Scene): void {
  const who = someone(scene)
  if (!who) return
  scene.trace.say(who.name, "will crash")
  who.dieAfter(scene.dice.skewed(0, CRASH_STEPS_MAX))
}

export function cutPower(scene: Scene): void {
  const who = someone(scene)
  if (!who || !scene.features.powerCuts) return
  scene.trace.say(who.name, "loses its power")
  who.losePower()
}

export function cutOff(scene: Scene): void {
  const who = scene.dice.pick(scene.people)
  if (!who || who.isOffline) return
  scene.trace.say(who.name, "is cut off")
  who.isOffline = true
  scene.wire.cut((name) => name === who.name)
}

export function reconnect(scene: Scene): void {
  const who = scene.dice.pick(scene.people.filter((one) => one.isOffline))
  if (who) backOnline(scene, who)
}

export function backOnline(scene: Scene, who: Person): void {
  scene.trace.say(who.name, "is connected again")
  who.isOffline = false
  scene.wire.reconnect(who.name)
}

export function killServer(scene: Scene): void {
  if (!scene.node.isUp) return
  scene.trace.say("server", "is killed")
  scene.node.stop()
  scene.wire.serverGone()
}

export function startServer(scene: Scene): void {
  if (scene.node.isUp) return
  scene.trace.say("server", "starts")
  scene.node.start()
}

export function changeWeather({ dice, wire, trace }: Scene): void {
  wire.weather = dice.chance(0.3)
    ? FAIR
    : {
        loseRequest: dice.between(0, 30) / 1000,
        loseAnswer: dice.between(0, 60) / 1000,
        repeat: dice.between(0, 200) / 1000,
        delayMsMax: dice.skewed(20, 5000),
      }
  trace.say("network", JSON.stringify(wire.weather))
}

export function keepBackup(scene: Scene): void {
  if (!scene.features.forks) return
  const who = scene.dice.pick(scene.people)
  if (!who || who.kept) return
  scene.trace.say(who.name, "copies its profile")
  const { position } = storedCursor(who.store)
  who.kept = { at: scene.schedule.elapsed, read: position, bringBack: who.backup() }
}

/** An older copy of a profile goes on: its groups are forked. */
export function restore(scene: Scene): void {
  const who = scene.dice.pick(scene.people.filter((one) => one.kept))
  if (!who?.kept) return
  // An older copy shows by the mail that it has not read; one that has only sent since cannot be told from the newest.
  if (scene.truth.letters.acknowledged(who.device) <= who.kept.read) return
  scene.trace.say(who.name, "goes on from its copy")
  const { at, read, bringBack } = who.kept
  const { position } = storedCursor(who.store)
  who.losses.push({ since: at, until: scene.schedule.elapsed, copyRead: read, profileRead: position })
  bringBack()
  who.kept = undefined
}

/** Somebody's mailbox takes no more, perhaps not even commits. */
export function fill(scene: Scene): void {
  const { dice, features, full, fullTimes, people, schedule, trace } = scene
  if (!features.fullMailboxes) return
  const who = dice.pick(people.filter(({ device }) => !full.has(device)))
  if (!who) return
  const fullness = dice.chance(0.5) ? "full" : "overfull"
  trace.say(who.name, `has a mailbox that is ${fullness}`)
  full.set(who.device, fullness)
  fullTimes.push({ device: who.device, from: schedule.elapsed })
}

export function empty(scene: Scene): void {
  const who = scene.dice.pick(scene.people.filter(({ device }) => scene.full.has(device)))
  if (who) giveRoom(scene, who)
}

export function giveRoom({ full, fullTimes, schedule, trace }: Scene, { name, device }: Person): void {
  if (!full.delete(device)) return
  trace.say(name, "has room again")
  const time = fullTimes.findLast((one) => one.device === device)
  if (time) time.until = schedule.elapsed
}

/** Days without a word, sometimes more than the server keeps mail. */
export function goAway(scene: Scene): void {
  if (!scene.features.absences) return
  const who = someone(scene)
  if (!who) return
  const ms = scene.dice.skewed(HOUR_MS, 9 * DAY_MS)
  scene.trace.say(who.name, `goes away for ${Math.round(ms / HOUR_MS).toString()} hours`)
  void who.stop()
  who.awayUntil = scene.schedule.elapsed + ms
}
