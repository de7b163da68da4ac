/** Conversations of two: opened, by both at once, too. */
import { ask } from "./asking.ts"
import { someone } from "./choice.ts"
import type { Person } from "./person.ts"
import type { Scene } from "./scene.ts"

const DIRECTS_MAX = 3

export function open(scene: Scene): void {
  const who = someone(scene)
  const other = scene.dice.pick(scene.people.filter((one) => one.user !== who?.user))
  if (scene.features.directs && who && other) openWith(scene, who, other)
}

/** Neither knows that the other does it, too. */
export function openBoth(scene: Scene): void {
  const [one, other] = scene.dice.some(
    scene.people.filter(({ isRunning }) => isRunning),
    2,
  )
  if (!scene.features.directs || !one || !other || one.user === other.user) return
  openWith(scene, one, other)
  openWith(scene, other, one)
}

function openWith(scene: Scene, who: Person, { user, me }: Person): void {
  if (who.store.directs().length >= DIRECTS_MAX && !who.store.directWith(me.accountKey)) return
  ask(scene, who, `talks to ${user}`, async (session) => {
    const { groupId } = await session.direct(user)
    if (scene.dice.chance(0.7)) await session.send(groupId, `${who.name} ${(++scene.said).toString()}`)
  })
}
