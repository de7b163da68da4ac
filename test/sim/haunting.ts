/** When the server lies about devices, and to whom; and when a thief's machine adds one. */
import { hex } from "../../core/domain/bytes.ts"
import { ask } from "./asking.ts"
import { someCrowd } from "./choice.ts"
import { LIES } from "./ghost.ts"
import type { Person } from "./person.ts"
import type { Scene } from "./scene.ts"

const MINUTE_MS = 60_000
const LOOKS_MAX = 3

/** The server's device has its keys with the server. */
export async function settleGhost(scene: Scene): Promise<void> {
  const { ghost, server } = scene
  if (!ghost) return
  await ghost.who.register(server)
  void ghost.who.start().follow()
  await scene.pass(MINUTE_MS)
  void ghost.who.stop()
}

export async function haunt(scene: Scene): Promise<void> {
  if (!scene.ghost) return
  if (scene.deviceDice.chance(0.1)) await lie(scene)
  if (scene.deviceDice.chance(0.05)) await slipIn(scene)
}

/** While some people look at somebody's devices, or invite somebody, the server lies about that account. */
async function lie(scene: Scene): Promise<void> {
  const { ghost, deviceDice: dice, people, trace } = scene
  const victim = dice.pick(people)
  if (!ghost || !victim) return
  const how = dice.pick(LIES) ?? "forged"
  ghost.lie = { user: victim.user, how }
  trace.say("server", `lies about ${victim.user}: ${how}`)
  const others = people.filter((one) => one.isRunning && one !== scene.hostile && !one.isLoggedOut)
  for (const who of dice.some(others, LOOKS_MAX)) look(scene, who, victim)
  await scene.pass(dice.between(100, MINUTE_MS / 2))
  ghost.lie = undefined
}

/** What is done on the strength of what the server said must have failed when that was a lie. */
function look(scene: Scene, who: Person, { user }: Person): void {
  const { ghost, deviceDice: dice } = scene
  const group = who.user === user || dice.chance(0.3) ? undefined : someCrowd(scene, who)
  const before = ghost?.told(who.name, user) ?? 0
  const what = group ? `invites ${user} to "${group.name}"` : `looks at the devices of ${user}`
  ask(scene, who, what, async (session) => {
    await (group ? session.invite(hex(group.id), [user]) : session.devices(user))
    // A question may outlast the lie, and its asker be told another meanwhile, about another account.
    if ((ghost?.told(who.name, user) ?? 0) > before) ghost?.believed.push(`${who.name} ${what}`)
  })
}

/** Of people with one device: all who know the account have seen all its lists. */
async function slipIn(scene: Scene): Promise<void> {
  const { ghost, deviceDice: dice, people, arrivals } = scene
  const isAlone = ({ user }: Person): boolean => !arrivals.some(({ who }) => who.user === user)
  const thief = dice.pick(people.filter((one) => one.isRunning && one !== scene.hostile && isAlone(one)))
  const group = thief && someCrowd(scene, thief)
  if (!ghost || !thief || !group) return
  ghost.thief = thief
  ask(scene, thief, `has a thief's device added to "${group.name}"`, (session) => session.update(hex(group.id)))
  await scene.pass(dice.between(1000, 10_000))
  ghost.thief = undefined
}
