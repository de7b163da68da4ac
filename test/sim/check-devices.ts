/** Whose devices a conversation has: all of everybody's who is in it, none that are revoked, and people are shown accounts. */
import { faceIdOf } from "../../core/client/group-shelf.ts"
import { present, standings } from "./check-groups.ts"
import type { Seat, Standing } from "./check-groups.ts"
import { Past } from "./past.ts"
import type { Person } from "./person.ts"
import type { Scene } from "./scene.ts"
import type { EpochTruth } from "./truth.ts"
import type { Violation } from "./violation.ts"

/** What the names of those begin with whose names were not learnt. */
const UNKNOWN = "?"

/** What keeps the devices of a conversation from being those of the lists. */
export function unlisted(scene: Scene, standing: Standing): string | undefined {
  const able = present(standing).filter(({ row }) => row.status === "active")
  const { epochs, isDirect } = standing.group
  const now = epochs.at(-1)?.members ?? []
  // Nobody is let into a conversation of two whose other end has gone.
  const isOver = isDirect && new Set(now.map((device) => scene.userOf(device))).size < 2
  if (able.length === 0 || isOver) return undefined
  // One that was let in by a lie is nobody's to remove; it is judged in the end.
  if (scene.ghost?.slips.has(standing.group.tag) && now.includes(scene.ghost.who.device))
    return "the thief's device is in a group"
  return (
    leftOver(scene, now, new Set(able.map(({ who }) => who.user))) ??
    able.map(({ who }) => missing(scene, who, now)).find((what) => what !== undefined)
  )
}

/** @param users whose other devices can tell the others of their lists: of whom nobody does, the group does not hear. */
function leftOver(scene: Scene, now: readonly string[], users: ReadonlySet<string>): string | undefined {
  const gone = now.find((device) => scene.truth.revoked.has(device) && users.has(scene.userOf(device) ?? ""))
  return gone === undefined ? undefined : `${scene.nameOf(gone)} is revoked and still in a group`
}

function missing(scene: Scene, who: Person, now: readonly string[]): string | undefined {
  const other = scene.devicesOf(who).find(({ device }) => !now.includes(device))
  return other && `${other.name} is not in a group where ${who.name} is`
}

/** A device of the server's own is in no group but by a thief's help, and then somebody is told; no step is done on a lie. */
export function ghosts(scene: Scene): readonly Violation[] {
  const { ghost, truth } = scene
  if (!ghost) return []
  const { device } = ghost.who
  const found = ghost.believed.map((what) => `a lie was believed: ${what}`)
  for (const { tag, epochs } of truth.groups.values()) {
    epochs.forEach(({ added, since, members }, at) => {
      if (!added.has(device)) return
      if (!ghost.slips.has(tag)) found.push(`the server's device was let in: epoch ${at} of ${tag.slice(0, 8)}`)
      else if (!isTold(scene, since) && !isOutWith(epochs.slice(at + 1), members, device))
        found.push(`nobody was told of the thief's device: epoch ${at} of ${tag.slice(0, 8)}`)
    })
  }
  return found.map((what) => ({ check: "devices", what }))
}

const isTold = ({ everybody }: Scene, since: number): boolean =>
  everybody.some(({ troubles }) => troubles.some(({ code, at }) => code === "E100" && at >= since))

/** It went with somebody who left or was removed, whose leaves all go at once. */
function isOutWith(later: readonly EpochTruth[], before: readonly string[], device: string): boolean {
  const next = later.find(({ members }) => !members.includes(device))
  return next !== undefined && before.some((one) => one !== device && !next.members.includes(one))
}

/** What is shown of groups: each account once, by its name or, while that was not learnt, by its key. */
export async function shownMembers(scene: Scene): Promise<readonly Violation[]> {
  const found: Violation[] = []
  for (const standing of standings(scene, new Past(scene))) {
    const { epochs } = standing.group
    const now = epochs.at(-1)?.members ?? []
    const users = new Set(now.map((device) => scene.userOf(device)))
    for (const seat of present(standing)) {
      const names = seat.row.epoch === BigInt(epochs.length - 1) ? await shown(seat) : undefined
      if (names === undefined || (names.length === users.size && names.every((name) => isOneOf(users, name)))) continue
      const what = `${seat.who.name} is shown ${names.join()} in "${seat.row.name}", not ${[...users].join()}`
      found.push({ check: "devices", what })
    }
  }
  return found
}

const isOneOf = (users: ReadonlySet<string | undefined>, name: string): boolean =>
  users.has(name) || name.startsWith(UNKNOWN)

/** undefined while no program runs. */
async function shown({ who, row }: Seat): Promise<readonly string[] | undefined> {
  const groups = await who.session?.groups()
  const id = faceIdOf(who.store, row.id)
  return groups?.find(({ groupId }) => groupId === id)?.members
}
