/** Whom and what the dice choose. */
import { hex } from "../../core/domain/bytes.ts"
import type { StoredGroup } from "../../core/store/client-store.ts"
import type { Person } from "./person.ts"
import type { Scene } from "./scene.ts"

/** Mostly of those who have somebody to talk to. */
export function someone({ dice, people }: Scene): Person | undefined {
  const running = people.filter((one) => one.isRunning)
  const social = running.filter((one) => one.groups().some(({ status, epoch }) => status === "active" && epoch > 0n))
  return dice.pick(social.length > 0 && dice.chance(0.8) ? social : running)
}

/** Not one that the hostile member has broken for all: it only serves those who ask there. */
export function someGroup(
  { dice, hostile, hostility }: Scene,
  who: Person,
  status: StoredGroup["status"] = "active",
): StoredGroup | undefined {
  const isBroken = ({ tag }: StoredGroup): boolean => who === hostile && hostility?.broken.has(hex(tag)) === true
  return dice.pick(who.groups().filter((one) => one.status === status && one.leftAt === undefined && !isBroken(one)))
}

/** One that can have any number of members. */
export function someCrowd(scene: Scene, who: Person): StoredGroup | undefined {
  const group = someGroup(scene, who)
  return group && who.store.direct(group.id) ? undefined : group
}
