/** qpq devices: which devices the account has; taking in another, naming and revoking them. */
import type { DeviceView } from "../../../core/client/device-view.ts"
import { QpqError } from "../../../core/domain/errors.ts"
import { cleanLine } from "../../../core/domain/safe-text.ts"
import type { CommandContext, Run } from "../command.ts"
import type { Out } from "../out.ts"

const ID_LETTERS = 16
/** The server keeps the place for so long. */
const PAIRING_MS = 600_000

export const devices: Run = async (context, [action, ...rest]) => {
  if (action === undefined) return list(context)
  const step = ACTIONS[action]
  if (!step) throw new QpqError("E070", `${action}: one of ${Object.keys(ACTIONS).join(", ")}`)
  return step(context, rest)
}

const ACTIONS: Readonly<Record<string, (context: CommandContext, args: readonly string[]) => Promise<void>>> = {
  pair: async (context, args) => {
    expectArgs(args, 0, "")
    const client = await context.client()
    const { code, expires } = await client.pairing()
    const { name } = await client.whoami()
    const until = new Date(expires).toISOString()
    context.out.line({ type: "pairing", code, expires: until }, `${code}\n`)
    context.out.note(`On the new computer: qpq login ${name} --pair\nGood once, until ${until}. Waiting …`)
    const taken = client.takeIn(code, context.config.timeoutMs ?? PAIRING_MS)
    show(context.out, await Promise.race([taken, interrupted(context.signal)]), "added")
  },
  revoke: async (context, args) => {
    const [id = ""] = expectArgs(args, 1, "ID")
    show(context.out, await (await context.client()).revokeDevice(id), "revoked")
  },
  name: async (context, args) => {
    const [id = "", name = ""] = expectArgs(args, 2, "ID NAME")
    show(context.out, await (await context.client()).nameDevice(id, name))
  },
}

const interrupted = (signal: AbortSignal): Promise<never> =>
  new Promise((_, reject) => {
    signal.addEventListener("abort", () => {
      reject(new QpqError("E076"))
    })
  })

async function list(context: CommandContext): Promise<void> {
  const client = await context.client()
  for (const device of await client.devices()) show(context.out, device)
}

function expectArgs(args: readonly string[], count: number, usage: string): readonly string[] {
  if (args.length === count) return args
  throw new QpqError("E070", count === 0 ? `${args[0] ?? ""} is one too many` : `${usage} is expected`)
}

function show(out: Out, { id, name, status, current, listedAt, createdAt }: DeviceView, done?: string): void {
  const since = new Date(createdAt ?? listedAt).toISOString()
  const parts = [
    id.slice(0, ID_LETTERS),
    name === "" ? "" : cleanLine(name),
    done ?? status,
    current ? "this device" : "",
  ]
  const text = `${parts.filter((part) => part !== "").join("  ")}  since ${since.slice(0, 10)}`
  out.line({ type: "device", id, name, status, current, listedAt: new Date(listedAt).toISOString(), since }, text)
}
