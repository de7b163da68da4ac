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
  if (session) follow(scene, who, what, () => step(session))
}

/** The same of a second program on the profile, which reads, does the step, and ends. */
export function askBeside(
  scene: Scene,
  who: Person,
  what: string,
  step: (session: ClientSession) => Promise<unknown>,
): void {
  const stepsMax = scene.dice.chance(0.3) ? scene.dice.skewed(0, STEPS_MAX) : Infinity
  follow(scene, who, `${what} beside`, () =>
    who.beside(stepsMax, async (session) => {
      await step(session)
      await session.sync(SYNC_MS_MAX)
    }),
  )
}

const STEPS_MAX = 60
const SYNC_MS_MAX = 15_000

function follow({ trace, refusals }: Scene, { name }: Person, what: string, step: () => Promise<unknown>): void {
  trace.say(name, what)
  const failed = (thrown: unknown): void => {
    if (thrown instanceof Dead || (thrown instanceof QpqError && thrown.cause instanceof Dead)) return
    const code = thrown instanceof QpqError ? thrown.code : String(thrown)
    trace.say(name, `${what}: ${code}`)
    refusals.push({ who: name, what, code })
  }
  step().then(() => {
    trace.say(name, `${what}: done`)
  }, failed)
}

export function say(scene: Scene, who: Person, group: StoredGroup): void {
  const words = `${who.name} ${(++scene.said).toString()}`
  ask(scene, who, `says "${words}" in ${nameOf(group)}`, (session) => session.send(hex(group.id), words))
}

/** As `qpq send` beside the app, or `qpq recv` when there is nothing to say. */
export function sayBeside(scene: Scene, who: Person, group: StoredGroup | undefined): void {
  const words = `${who.name} ${(++scene.said).toString()}`
  if (group)
    askBeside(scene, who, `says "${words}" in ${nameOf(group)}`, (session) => session.send(hex(group.id), words))
  else askBeside(scene, who, "reads", (session) => session.sync(SYNC_MS_MAX))
}

export const nameOf = (group: StoredGroup): string => `"${group.name}"`

export function membersOf(scene: Scene, group: StoredGroup): readonly string[] {
  return scene.truth.groups.get(hex(group.tag))?.epochs.at(Number(group.epoch))?.members ?? []
}
