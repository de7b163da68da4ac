/** Members as people: one row for each account, however many devices it has in the group. */
import type { MemberView } from "../../core/client/client-api.ts"

export interface PersonView extends MemberView {
  /** In this group. */
  readonly devices: number
}

/** In the order in which they came; of one's own the device at hand stands for all. */
export function onePerAccount(members: readonly MemberView[]): readonly PersonView[] {
  const people = new Map<string, PersonView>()
  for (const member of members) {
    const known = people.get(member.accountKey)
    const shown = known && member.current !== true ? known : member
    people.set(member.accountKey, { ...shown, devices: (known?.devices ?? 0) + 1 })
  }
  return [...people.values()]
}
