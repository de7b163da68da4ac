/** What must hold at the end of a seed, when everything is well again and everybody has followed for a while. */
import { envelopeFrom } from "../../core/client/stored-form.ts"
import { hex } from "../../core/domain/bytes.ts"
import { alarms } from "./check-alarms.ts"
import { ghosts, unlisted } from "./check-devices.ts"
import { forks, honest, present, rowOf, standings, thirds, unsettled } from "./check-groups.ts"
import type { Rooms, Seat } from "./check-groups.ts"
import { isCutOff, mail } from "./check-mail.ts"
import { order } from "./check-order.ts"
import { remarks } from "./check-remarks.ts"
import { Past } from "./past.ts"
import type { Person } from "./person.ts"
import { unrevoked } from "./revocations.ts"
import type { Scene } from "./scene.ts"
import type { GroupTruth } from "./truth.ts"
import type { Violation } from "./violation.ts"

export interface Place {
  readonly group: GroupTruth
  readonly seats: readonly Seat[]
}

/** Where conversations are now, and who is in them. */
export function places(scene: Scene): readonly Place[] {
  return standings(scene, new Past(scene)).map((standing) => ({ group: standing.group, seats: present(standing) }))
}

/** Why it is too early to judge; undefined when everything has come to rest. */
export function unrest(scene: Scene): string | undefined {
  const past = new Past(scene)
  const passing = comingOrGoing(scene)
  if (passing !== undefined) return passing
  for (const who of honest(scene)) {
    const { store, name } = who
    if (isWaiting({ scene, past }, who)) return `${name} has something to send`
    if (store.stagedCommits().length > 0) return `${name} has a commit open`
    if (hasEarlyMail(scene, past, who)) return `${name} has early mail`
    const draft = store.directs().find(({ groupId }) => store.group(groupId)?.epoch === 0n)
    if (draft && store.group(draft.groupId)?.status === "active") return `${name} is alone in a conversation of two`
  }
  for (const standing of standings(scene, past)) {
    const found = unsettled({ scene, past }, standing) ?? unlisted(scene, standing)
    if (found !== undefined) return found
  }
  return undefined
}

function comingOrGoing(scene: Scene): string | undefined {
  const coming = scene.arrivals.find(({ isOver }) => !isOver)
  if (coming) return `${coming.who.name} has not come yet`
  const going = unrevoked(scene)
  return going && `${going.name} is still to be revoked`
}

/** Whether rows of the outbox can go. */
function isWaiting(rooms: Rooms, who: Person): boolean {
  const { past } = rooms
  return who.store.outbox(1000).some(({ groupId }) => {
    const group = past.groupOf(groupId)
    if (!group) return true
    return !isCutOff(rooms, who, group)
  })
}

/** Mail of epochs that this one never comes to stays until it is too old, and that of a successor that it refused. */
function hasEarlyMail(scene: Scene, past: Past, who: Person): boolean {
  return who.store.buffered().some(({ row }) => {
    const { id, commit } = envelopeFrom(row)
    return ![...scene.truth.groups.values()].some((group) => {
      const epoch = commit
        ? hex(commit.groupTag) === group.tag && Number(commit.epoch) + 1
        : scene.truth.mailOf(group.tag, hex(id))?.rows.find(({ device }) => device === who.device)?.epoch
      if (typeof epoch !== "number") return false
      if (group.before && !rowOf(who, group)) return true
      return past.gaps(who, group).some(({ from, to, since }) => {
        return since >= 0 && epoch >= from && (to === undefined || epoch <= to)
      })
    })
  })
}

export function judge(scene: Scene): readonly Violation[] {
  const past = new Past(scene)
  const rooms = { scene, past }
  return [
    ...internal(scene),
    ...forks(scene, past),
    ...mail(rooms),
    ...remarks(rooms),
    ...order(rooms),
    ...thirds(scene, past),
    ...alarms(rooms),
    ...ghosts(scene),
  ]
}

function internal({ node, refusals, people }: Scene): readonly Violation[] {
  const told = people.flatMap((who) => who.troubles.filter(({ code }) => code === "E099").map((one) => ({ who, one })))
  const faults = [
    ...node.faults.map((fault) => `server: ${String(fault)}`),
    ...told.map(({ who, one }) => `${who.name}: ${one.message}`),
    ...refusals
      .filter(({ code }) => code === "E099" || !/^E\d{3}$/.test(code))
      .map(({ who, what, code }) => `${who} ${what}: ${code}`),
  ]
  return faults.map((what) => ({ check: "internal", what }))
}
