/** qpq block, unblock: whom the person wants to hear nothing of. */
import { cleanLine } from "../../../core/domain/safe-text.ts"
import type { CommandContext, Run } from "../command.ts"

/** Without a name: who is blocked. */
export const block: Run = async (context, [name]) => {
  const client = await context.client()
  if (name !== undefined) await client.block(name)
  for (const blocked of name === undefined ? await client.blocked() : [name]) told(context, blocked, true)
}

export const unblock: Run = async (context, [name = ""]) => {
  await (await context.client()).unblock(name)
  told(context, name, false)
}

const told = ({ out }: CommandContext, user: string, blocked: boolean): void => {
  out.line({ type: "block", user, blocked }, `${cleanLine(user)} is ${blocked ? "blocked" : "heard again"}`)
}
