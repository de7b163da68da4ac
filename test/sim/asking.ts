/** What people ask of their programs; how it ends shows later. */
import type { ClientSession } from "../../core/client/session.ts"
import { hex } from "../../core/domain/bytes.ts"
import { QpqError } from "../../core/domain/errors.ts"
import type { StoredGroup } from "../../core/store/client-store.ts"
import { Dead } from "./life.ts"
import type { Person } from "./person.ts"
import type { Scene } from "./scene.ts"

/** Asks for a step whose outcome comes later. */
export function ask(scene: Scene, who: Person, what: string, step: (session: ClientSession) => Promise<unknown>): void {
  const { session } = who
  if (!session) return
  scene.trace.say(who.name, what)
  const failed = (thrown: unknown): void => {
    if (thrown instanceof Dead || (thrown instanceof QpqError && thrown.cause instanceof Dead)) return
    const code = thrown instanceof QpqError ? thrown.code : String(thrown)
    scene.trace.say(who.name, `${what}: ${code}`)
    scene.refusals.push({ who: who.name, what, code })
  }
  step(session).then(() => {
    scene.trace.say(who.name, `${what}: done`)
  }, failed)
}

export function say(scene: Scene, who: Person, group: StoredGroup): void {
  const words = `${who.name} ${(++scene.said).toString()}`
  ask(scene, who, `says "${words}" in ${nameOf(group)}`, (session) => session.send(hex(group.id), words))
}

export const nameOf = (group: StoredGroup): string => `"${group.name}"`

/** Whose devices are in it. */
export function usersOf(scene: Scene, group: StoredGroup): ReadonlySet<string | undefined> {
  return new Set(membersOf(scene, group).map((device) => scene.userOf(device)))
}

export function membersOf(scene: Scene, group: StoredGroup): readonly string[] {
  return scene.truth.groups.get(hex(group.tag))?.epochs.at(Number(group.epoch))?.members ?? []
}
