/** qpq backup and restore: the profile in one file, and from one. */
import { resolve } from "node:path"
import { restore as restoreProfile } from "../../../core/client/profile-backup.ts"
import { cleanLine } from "../../../core/domain/safe-text.ts"
import type { Run } from "../command.ts"

const WHAT_IS_OLD =
  "The backup is older than what others know: every group lets this device in again by itself, once a member is online. What waited to be sent is marked as not sent. Never use the profile that it was made from beside it."

export const backUp: Run = async (context, [file = ""]) => {
  const { gate, out } = context
  await context.unlock()
  const path = resolve(file)
  const { bytes } = await gate.backUp(path)
  out.line({ type: "backup", file: path, bytes }, `${cleanLine(path)}: ${bytes} bytes, under the profile's password`)
}

export const restore: Run = async (context, [file = ""]) => {
  const { config, out, world } = context
  const { home } = config
  const order = { home, file: resolve(file), passphrase: await context.passphrase(), now: world.clock.now() }
  const { name } = await restoreProfile(order)
  const next = name === undefined ? "it has no account yet" : `log in with: qpq login ${name}`
  out.line({ type: "restored", home, name: name ?? null }, `${cleanLine(home)} is restored; ${next}`)
  out.note(WHAT_IS_OLD)
}
