/** qpq delete-account: the account's end at the server. */
import { QpqError } from "../../../core/domain/errors.ts"
import type { Run } from "../command.ts"

const WHAT_GOES =
  "Your groups are left, then the account is deleted at the server, with its devices, keys and waiting mail. Nobody can have its name again. What is on this computer stays until you remove it."

export const deleteAccount: Run = async (context, [name = ""]) => {
  const { config, gate, out, terminal } = context
  await context.unlock()
  const account = gate.account()
  if (name !== account.name) throw new QpqError("E070", `the account of this profile is ${account.name}`)
  if (terminal.interactive) {
    out.note(WHAT_GOES)
    const answer = await terminal.ask(`Type ${name} once more to delete it: `)
    if (answer.trim() !== name) throw new QpqError("E076", "not confirmed")
  }
  await gate.deleteAccount(await context.password(false))
  out.done(`the account is deleted; its history is still in ${config.home}`)
}
