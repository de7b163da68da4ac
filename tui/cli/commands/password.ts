/** qpq password: another password for the account, and for the profile that it opens. */
import { QpqError } from "../../../core/domain/errors.ts"
import { givenPassword } from "../../config.ts"
import type { CommandContext, Run } from "../command.ts"
import { recoveryChoice, showRecoveryCode } from "../recovery-code.ts"

const AGAIN =
  "If the answer was lost, give the same command with the same two passwords again; until then both open the profile."

export const password: Run = async (context, _args, options) => {
  const { gate, out } = context
  const recovery = recoveryChoice(options)
  const logoutOthers = options["logoutOthers"] === true
  await context.unlock()
  gate.account()
  const oldPassword = await context.password(false)
  const newPassword = await asked(context, options["newPasswordFile"])
  const order = { oldPassword, newPassword, logoutOthers, ...(recovery && { recovery }) }
  const { unlocks, ended, recoveryCode } = await gate.changePassword(order).catch((thrown: unknown) => {
    if (thrown instanceof QpqError && thrown.retryable) out.note(AGAIN)
    throw thrown
  })
  const here = unlocks ? "it also opens this profile" : "this profile is opened as before, by its own passphrase"
  const others = logoutOthers ? `; other logins ended: ${ended}` : ""
  out.line({ type: "done", unlocks, ended }, `the password is changed; ${here}${others}`)
  showRecoveryCode(out, recoveryCode)
}

/** @throws E071 when it is empty or the two differ, E072 */
async function asked({ terminal }: CommandContext, file: string | boolean | undefined): Promise<string> {
  const given = givenPassword(typeof file === "string" ? file : undefined, undefined)
  if (given !== undefined) return given
  const typed = await terminal.secret("New password: ")
  if (typed === "") throw new QpqError("E071", "the password is empty")
  if ((await terminal.secret("Again: ")) !== typed) throw new QpqError("E071", "the two differ")
  return typed
}
