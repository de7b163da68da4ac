/** qpq dm: a conversation with one other person, found or begun. */
import { toQpqError } from "../../../core/domain/errors.ts"
import type { Run } from "../command.ts"
import { say } from "./messages.ts"

const SYNC_MS = 5000

export const dm: Run = async (context, [user = "", text]) => {
  const client = await context.client()
  const opened = await client.direct(user)
  if (text !== undefined) return say(context, opened, { text })
  await client.sync(context.config.timeoutMs ?? SYNC_MS).catch((thrown: unknown) => {
    if (!toQpqError(thrown).retryable) throw thrown
  })
  const now = (await client.groups()).find(({ groupId }) => groupId === opened.groupId)
  context.out.group(now ?? opened)
}
