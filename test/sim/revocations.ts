/** Devices that another one of the same person's revokes: asked again until the server has done it. */
import { QpqError } from "../../core/domain/errors.ts"
import { ask } from "./asking.ts"
import type { Person } from "./person.ts"
import type { Scene } from "./scene.ts"

/** So long until the person asks again. */
const PATIENCE_MS = 60_000
const NO_SUCH_DEVICE = "E040"

/** Of those who have more than one. */
export function revoke(scene: Scene): void {
  const { deviceDice: dice, people, revocations } = scene
  const known = people.filter((one) => scene.devicesOf(one).length > 1)
  const who = dice.pick(
    known.filter((one) => revocations.every((other) => other.who.user !== one.user || other.isOver)),
  )
  if (!who) return
  revocations.push({ who, askedAt: undefined, isOver: false })
  revokeAgain(scene)
}

const ableToRevoke = (scene: Scene, who: Person): readonly Person[] =>
  scene.devicesOf(who).filter((other) => other !== who && other.isRunning && !other.isLoggedOut)

/** Who is still to be revoked, and can be. */
export const unrevoked = (scene: Scene): Person | undefined =>
  scene.revocations.find(({ who, isOver }) => !isOver && ableToRevoke(scene, who).length > 0)?.who

/** Those that are not done yet. */
export function revokeAgain(scene: Scene): void {
  const { deviceDice: dice, revocations, schedule } = scene
  for (const one of revocations) {
    const { who, isOver, askedAt = -Infinity } = one
    if (isOver || askedAt + PATIENCE_MS > schedule.elapsed) continue
    const by = dice.pick(ableToRevoke(scene, who))
    if (!by) continue
    one.askedAt = schedule.elapsed
    ask(scene, by, `revokes ${who.name}`, async (session) => {
      try {
        await session.revokeDevice(who.device)
        one.isOver = true
      } catch (thrown) {
        if (thrown instanceof QpqError && thrown.code === NO_SUCH_DEVICE) one.isOver = true
        throw thrown
      } finally {
        one.askedAt = undefined
      }
    })
  }
}
