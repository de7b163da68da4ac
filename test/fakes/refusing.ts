/** Mailboxes that refuse what somebody sends, and a message that failed for them. */
import type { LineName } from "../../core/client/client-api.ts"
import { equal } from "../../core/domain/bytes.ts"
import { DAY_MS } from "../../core/domain/limits.ts"
import type { AheadWorld } from "./ahead-world.ts"
import type { Person } from "./person.ts"

export const FULL = 41
export const GONE = 40

/** So the server answers what goes from one person to these, who get nothing; without anybody it is honest again. */
export function refuse(from: Person, code: number, people: readonly Person[]): void {
  from.tampering.enqueueMany = async (ask, fanOut) => {
    const isRefused = fanOut.items.map(({ recipientKey }) => people.some(({ me }) => equal(recipientKey, me.deviceKey)))
    const { results, ...rest } = await ask({ ...fanOut, items: fanOut.items.filter((_, at) => isRefused[at] !== true) })
    const answered = [...results]
    const refused = { code, seq: 0n, duplicate: false }
    return { ...rest, results: isRefused.map((one) => (one ? refused : (answered.shift() ?? refused))) }
  }
}

/** What waits finds these mailboxes full for a day; then there is room. @returns the newest message, which has failed. */
export async function failForADay(
  from: Person,
  people: readonly Person[],
  { world, groupId }: { readonly world: AheadWorld; readonly groupId: string },
): Promise<LineName> {
  refuse(from, FULL, people)
  await from.sync()
  world.pass(DAY_MS + 1000)
  await from.sync()
  refuse(from, FULL, [])
  return lastFailed(from, groupId)
}

/** The newest of one's own messages. */
export async function lastFailed({ session }: Person, groupId: string): Promise<LineName> {
  const row = (await session.timeline({ limit: 100 })).findLast(({ own, kind }) => own && kind === "text")
  if (row?.delivery !== "failed") throw new Error(`it is ${row?.delivery ?? "not there"}`)
  return { groupId, sender: row.senderKey, id: row.id }
}
