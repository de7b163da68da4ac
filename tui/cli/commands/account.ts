/** qpq register-user, login, logout, whoami, register-state: the profile and its account. */
import type { LoginOrder } from "../../../core/client/client-api.ts"
import { QpqError } from "../../../core/domain/errors.ts"
import { parseServerAddress } from "../../../core/domain/server-address.ts"
import type { CommandContext, OptionValues, Run } from "../command.ts"

const LOCKED_FOR_EVER =
  "Keep the password: without it the history on this computer cannot be opened, and nobody can reset it."

export const registerUser: Run = async (context, [name = ""], options) => {
  const { gate, out } = context
  const isNew = (await gate.profile()).state === "new"
  if (isNew) out.note(LOCKED_FOR_EVER)
  await context.password(isNew)
  await context.unlock()
  const order = await loginOrder(context, name, options)
  out.account(await gate.register(order))
}

export const login: Run = async (context, [name = ""], options) => {
  await context.unlock()
  const order = await loginOrder(context, name, options)
  context.out.account(await context.gate.login(order))
}

export const logout: Run = async (context) => {
  await (await context.client()).logout()
  context.out.done("logged out; the history stays on this computer")
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

async function loginOrder(context: CommandContext, name: string, options: OptionValues): Promise<LoginOrder> {
  const { config, gate } = context
  const password = await context.password(false)
  const known = (await gate.profile()).server !== undefined
  const server = config.server === undefined || known ? config.server : await trusted(context, config.server)
  const invite = options["invite"]
  const address = server !== undefined && typeof invite === "string" ? withInvite(server, invite) : server
  return { name, password, server: address, ...(config.ca !== undefined && { ca: config.ca }) }
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
