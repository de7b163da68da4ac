/** Sending what waits, and what became of it. */
import type { Client, Delivery, GroupView } from "../../../core/client/client-api.ts"
import { toQpqError } from "../../../core/domain/errors.ts"
import type { CommandContext } from "../command.ts"

const SEND_MS = 5000
const PAGE = 500

export async function deliveryOf(client: Client, groupId: string, id: string): Promise<Delivery | undefined> {
  const rows = await client.timeline({ groupId, limit: PAGE })
  return rows.findLast((line) => line.id === id)?.delivery
}

/** Sends what waits; what cannot be sent yet is no failure. */
export async function goOnline(context: CommandContext): Promise<void> {
  const client = await context.client()
  await client.sync(context.config.timeoutMs ?? SEND_MS).catch((thrown: unknown) => {
    const error = toQpqError(thrown)
    if (!error.retryable) throw error
    context.out.note(`not sent yet: ${error.message}`)
  })
}

/** Whether the keys of all the others in it were compared. */
export async function areVerified(context: CommandContext, { groupId }: GroupView): Promise<boolean> {
  const others = (await (await context.client()).members(groupId)).filter(({ self }) => !self)
  return others.length > 0 && others.every(({ verified }) => verified)
}
