/** Whose devices a conversation has: all of everybody's who is in it, none that are revoked, and people are shown accounts. */
import { faceIdOf } from "../../core/client/group-shelf.ts"
import { present, standings } from "./check-groups.ts"
import type { Seat, Standing } from "./check-groups.ts"
import { Past } from "./past.ts"
import type { Scene } from "./scene.ts"
import type { Violation } from "./violation.ts"

/** What keeps the devices of a conversation from being those of the lists. */
export function unlisted(scene: Scene, standing: Standing): string | undefined {
  const able = present(standing).filter(({ row }) => row.status === "active")
  if (able.length === 0) return undefined
  const now = standing.group.epochs.at(-1)?.members ?? []
  const gone = now.find((device) => scene.truth.revoked.has(device))
  if (gone !== undefined) return `${scene.nameOf(gone)} is revoked and still in "${able[0]?.row.name ?? ""}"`
  for (const { who, row } of able) {
    const missing = scene.devicesOf(who).find(({ device }) => !now.includes(device))
    if (missing) return `${missing.name} is not in "${row.name}", where ${who.name} is`
  }
  return undefined
}

/** What is shown of groups: each account once. */
export async function shownMembers(scene: Scene): Promise<readonly Violation[]> {
  const found: Violation[] = []
  for (const standing of standings(scene, new Past(scene))) {
    const { epochs } = standing.group
    const now = epochs.at(-1)?.members ?? []
    const wanted = [...new Set(now.map((device) => scene.userOf(device)))].sort().join()
    for (const seat of present(standing)) {
      const names = seat.row.epoch === BigInt(epochs.length - 1) ? await shown(seat) : undefined
      if (names === undefined || names === wanted) continue
      found.push({ check: "devices", what: `${seat.who.name} is shown ${names} in "${seat.row.name}", not ${wanted}` })
    }
  }
  return found
}

/** undefined while no program runs. */
async function shown({ who, row }: Seat): Promise<string | undefined> {
  const groups = await who.session?.groups()
  const id = faceIdOf(who.store, row.id)
  const members = groups?.find(({ groupId }) => groupId === id)?.members
  return members && [...members].sort().join()
}
