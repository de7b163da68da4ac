/** How a group is broken on purpose: by whom, while who is away, and what becomes of the culprit. */
import { hex } from "../../core/domain/bytes.ts"
import { ask, membersOf, nameOf } from "./asking.ts"
import { someCrowd } from "./choice.ts"
import { FOR_ALL } from "./hostile.ts"
import type { Scene } from "./scene.ts"

const MINUTE_MS = 60_000
const SHARES_AWAY = [0, 0.3, 0.8]
/** Of the culprits. */
const STAY = 0.4

/** The hostile member breaks a group, some of whose others are not there; then perhaps it is never seen again. */
export async function sabotage(scene: Scene): Promise<void> {
  const { dice, hostile, hostility, trace } = scene
  if (!hostility || !hostile?.isRunning || scene.isHostileGone) return
  const group = someCrowd(scene, hostile)
  const members = group ? membersOf(scene, group) : []
  if (!group || members.length <= 2) return
  someGoAway(scene, members)
  hostility.next = dice.pick([...FOR_ALL, "some rows", "some rows", "left out"])
  ask(scene, hostile, `spoils ${nameOf(group)}: ${hostility.next ?? ""}`, (session) => session.update(hex(group.id)))
  await scene.pass(dice.between(1000, 10_000))
  hostility.next = undefined
  if (!hostility.broken.has(hex(group.tag)) || dice.chance(STAY)) return
  trace.say(hostile.name, "is never seen again")
  scene.isHostileGone = true
  void hostile.stop()
}

/** None, a minority or a majority of the others. */
function someGoAway({ dice, hostile, people, schedule, trace }: Scene, members: readonly string[]): void {
  const others = people.filter((one) => one !== hostile && one.isRunning && members.includes(one.device))
  for (const who of dice.some(others, Math.floor(others.length * (dice.pick(SHARES_AWAY) ?? 0)))) {
    trace.say(who.name, "is away for some minutes")
    who.awayUntil = Math.max(who.awayUntil, schedule.elapsed + dice.between(1, 10) * MINUTE_MS)
    void who.stop()
  }
}
