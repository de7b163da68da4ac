/** qpq register-user, login, logout, whoami, register-state: the profile and its account. */
import type { LoginOrder } from "../../../core/client/login-order.ts"
import { QpqError } from "../../../core/domain/errors.ts"
import { parseServerAddress } from "../../../core/domain/server-address.ts"
import { givenPassword } from "../../config.ts"
import { computerName } from "../../device-name.ts"
import type { CommandContext, OptionValues, Run } from "../command.ts"
import { recoveryChoice, showRecoveryCode } from "../recovery-code.ts"

const LOCKED_FOR_EVER =
  "Keep the password: without it the history on this computer cannot be opened, and nobody can reset it."

export const registerUser: Run = async (context, [name = ""], options) => {
  const { gate, out } = context
  const isNew = (await gate.profile()).state === "new"
  if (isNew) out.note(LOCKED_FOR_EVER)
  const recovery = recoveryChoice(options)
  const password = await context.password(isNew)
  // Before the profile is made: its key is locked with it.
  if (isNew) await gate.checkPassword(password, name)
  await context.unlock()
  const order = await loginOrder(context, name, options)
  const made = await gate.register({ ...order, ...(recovery && { recovery }) })
  out.account(made)
  showRecoveryCode(out, made.recoveryCode)
}

export const login: Run = async (context, [name = ""], options) => {
  await context.unlock()
  if (options["pair"] === true) return pairUp(context, name, options)
  const order = await loginOrder(context, name, options)
  const account = await context.gate.login(order)
  context.out.account(account)
  showRecoveryCode(context.out, account.recoveryCode)
}

async function pairUp(context: CommandContext, name: string, options: OptionValues): Promise<void> {
  const { env, gate, out, terminal } = context
  const code = env["QPQ_PAIRING_CODE"] ?? (await terminal.ask("Code that the other device shows: "))
  out.account(await gate.pairUp({ ...(await serverOrder(context, name, options)), code }))
}

const deviceName = (options: OptionValues): string => {
  const given = options["deviceName"]
  return typeof given === "string" ? given : computerName()
}

export const logout: Run = async (context, _args, options) => {
  const keepThis = options["keepThis"] === true
  if (options["everywhere"] === true) {
    await logoutEverywhere(context, keepThis)
    return
  }
  if (keepThis) throw new QpqError("E070", "--keep-this goes with --everywhere")
  await (await context.client()).logout()
  context.out.done("logged out; the history stays on this computer")
}

async function logoutEverywhere(context: CommandContext, keepThis: boolean): Promise<void> {
  const ended = await (await context.client()).logoutEverywhere(keepThis)
  const logins = ended === 1 ? "1 login ended" : `${ended} logins ended`
  const text = keepThis ? `${logins}; this device stays logged in` : `${logins}; the history stays on this computer`
  context.out.line({ type: "done", ended }, text)
}

export const whoami: Run = async (context) => {
  await context.unlock()
  context.out.account(context.gate.account())
}

export const registerState: Run = async (context) => {
  await context.unlock()
  const { deviceKey, fingerprint } = await context.gate.makeKeys()
  context.out.line({ type: "identity", deviceKey, fingerprint }, `device ${fingerprint}`)
}

const textOf = (value: string | boolean | undefined): string | undefined =>
  typeof value === "string" ? value : undefined

async function loginOrder(context: CommandContext, name: string, options: OptionValues): Promise<LoginOrder> {
  const recoveryCode = givenPassword(textOf(options["recoveryCodeFile"]), context.env["QPQ_RECOVERY_CODE"])
  const order = { ...(await serverOrder(context, name, options)), password: await context.password(false) }
  return { ...order, ...(recoveryCode !== undefined && { recoveryCode }) }
}

async function serverOrder(
  { config, gate, ...context }: CommandContext,
  name: string,
  options: OptionValues,
): Promise<Omit<LoginOrder, "password"> & { readonly deviceName: string }> {
  const known = (await gate.profile()).server !== undefined
  const { server: wanted, ca } = config
  const server = wanted === undefined || known ? wanted : await trusted({ config, gate, ...context }, wanted)
  const invite = options["invite"]
  const address = server !== undefined && typeof invite === "string" ? withInvite(server, invite) : server
  return { name, server: address, deviceName: deviceName(options), ...(ca !== undefined && { ca }) }
}

const withInvite = (server: string, token: string): string =>
  `${server}${server.includes("?") ? "&" : "?"}invite=${encodeURIComponent(token)}`

/** An address without pin and CA is used only after the person has compared the fingerprint. @throws E075 */
async function trusted({ config, gate, out, terminal }: CommandContext, server: string): Promise<string> {
  if (parseServerAddress(server).pins.length > 0 || config.ca !== undefined) return server
  const seen = await gate.inspect(server)
  const shown = `server ${seen.host}:${seen.port} has the key fingerprint\n  ${seen.fingerprint}\n  ${seen.address}`
  out.note(shown)
  if (!terminal.interactive) throw new QpqError("E075", seen.pin)
  const answer = await terminal.ask("Is this what the server's operator told you? Type yes to trust it: ")
  if (answer.trim().toLowerCase() !== "yes") throw new QpqError("E075", "not confirmed")
  return seen.address
}
