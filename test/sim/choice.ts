/** Whom and what the dice choose. */
import type { StoredGroup } from "../../core/store/client-store.ts"
import type { Person } from "./person.ts"
import type { Scene } from "./scene.ts"

/** Mostly of those who have somebody to talk to. */
export function someone({ dice, people }: Scene): Person | undefined {
  const running = people.filter((one) => one.isRunning)
  const social = running.filter((one) => one.groups().some(({ status, epoch }) => status === "active" && epoch > 0n))
  return dice.pick(social.length > 0 && dice.chance(0.8) ? social : running)
}

export function someGroup(
  { dice }: Scene,
  who: Person,
  status: StoredGroup["status"] = "active",
): StoredGroup | undefined {
  return dice.pick(who.groups().filter((one) => one.status === status && one.leftAt === undefined))
}
