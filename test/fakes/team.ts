/** People who are settled in a house of their own, and groups whose members have all accepted. */
import type { Suite } from "../../core/domain/suite.ts"
import { AheadWorld } from "./ahead-world.ts"
import { house } from "./house.ts"
import type { House } from "./house.ts"
import type { Person } from "./person.ts"

type Settled<Name extends string> = Readonly<Record<Name, Person>> & {
  readonly here: House
  readonly world: AheadWorld
}

/** @param names in the order in which they come. @returns them in a new house; the world is their clock. */
export async function settled<Name extends string>(...names: readonly Name[]): Promise<Settled<Name>> {
  const world = new AheadWorld()
  const here = await house(world)
  const people: [Name, Person][] = []
  for (const name of names) people.push([name, await here.settle(name)])
  return Object.assign(Object.fromEntries(people) as Record<Name, Person>, { here, world })
}

/** The same, with all of them in a team of the first. */
export async function inTeam<Name extends string>(
  ...names: readonly [Name, ...Name[]]
): Promise<Settled<Name> & { readonly groupId: string }> {
  const all = await settled(...names)
  const [first, ...others] = names
  return Object.assign(all, { groupId: await team(all[first], ...others.map((name) => all[name])) })
}

/** Both in one 1:1 conversation, each knowing it by the id of its own. */
export async function talking(one: Person, other: Person): Promise<{ readonly mine: string; readonly theirs: string }> {
  const { groupId: mine } = await one.session.direct(other.me.name)
  await other.sync()
  const { groupId: theirs } = await other.session.direct(one.me.name)
  return { mine, theirs }
}

/** Each reads the mailbox to its end, one after the other. */
export async function syncAll(...people: readonly Person[]): Promise<void> {
  for (const person of people) await person.sync()
}

/** @returns the id of a hybrid group called team, by its first member. */
export const team = (first: Person, ...others: readonly Person[]): Promise<string> => teamIn("hybrid", first, ...others)

export async function teamIn(suite: Suite, first: Person, ...others: readonly Person[]): Promise<string> {
  const { groupId } = await first.session.createGroup("team", suite)
  await first.session.invite(
    groupId,
    others.map(({ me }) => me.name),
  )
  for (const person of others) {
    await person.sync()
    await person.session.accept(groupId)
    await person.sync()
  }
  return groupId
}
