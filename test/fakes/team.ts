/** A group whose members have all accepted. */
import type { Person } from "./person.ts"

/** @returns the id of a hybrid group called team, by its first member. */
export async function team(first: Person, ...others: readonly Person[]): Promise<string> {
  const { groupId } = await first.session.createGroup("team", "hybrid")
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
