/** A group in honest use: whether what was done to it before has left it whole. */
import type { Person } from "./person.ts"

let rounds = 0

/**
 * Everybody says something and the first refreshes its keys: all hear all of it once, nobody is told of any trouble, and
 * all are in one epoch, the next.
 * @throws what is not so.
 */
export async function goesOn(hexId: string, ...people: readonly Person[]): Promise<void> {
  const round = (++rounds).toString()
  const said = people.map(({ me }) => `${me.name} is here, ${round}`)
  const told = people.map(({ troubles }) => troubles.length)
  for (const [at, person] of people.entries()) {
    await person.session.send(hexId, said[at] ?? "")
    await person.sync()
  }
  await people[0]?.sync()
  const epoch = (people[0]?.group(hexId).epoch ?? 0n) + 1n
  await people[0]?.session.update(hexId)
  for (const person of people) await person.sync()
  for (const [at, person] of people.entries()) {
    const heard = (await person.texts()).filter((text) => said.includes(text)).sort()
    const now = { heard, troubles: person.troubles.slice(told[at]), epoch: person.group(hexId).epoch }
    same(person.me.name, now, { heard: [...said].sort(), troubles: [], epoch })
    same(person.me.name, person.authenticator(hexId), people[0]?.authenticator(hexId))
  }
}

function same(name: string, now: unknown, wanted: unknown): void {
  const [one, other] = [shown(now), shown(wanted)]
  if (one !== other) throw new Error(`the group does not go on: ${name} has ${one} instead of ${other}`)
}

const shown = (value: unknown): string =>
  JSON.stringify(value, (_, inner: unknown) => (typeof inner === "bigint" ? inner.toString() : inner))
