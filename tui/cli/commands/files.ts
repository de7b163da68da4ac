/** qpq send --file, save: files, with how far they are for whoever watches. */
import { resolve } from "node:path"
import type { ClientEvent, GroupView, LineName } from "../../../core/client/client-api.ts"
import { sizeText } from "../../../core/domain/attached-file.ts"
import { QpqError, toQpqError } from "../../../core/domain/errors.ts"
import type { ErrorCode } from "../../../core/domain/errors.ts"
import type { CommandContext, Run } from "../command.ts"
import { lineOf } from "../../line-name.ts"
import { findGroup } from "./find-group.ts"
import { areVerified, deliveryOf, goOnline } from "./going-out.ts"

const QUIET_MS = 5000

/** Sends a file, and says what became of it. @returns what its message is called. */
export async function sayFile(context: CommandContext, group: GroupView, path: string): Promise<LineName> {
  const { out, config } = context
  const client = await context.client()
  const id = await client.sendFile(group.groupId, resolve(path))
  const refused: ErrorCode[] = []
  await watched(context, { id, direction: "up" }, refused, async () => {
    const sent = client.uploadFiles(config.timeoutMs ?? QUIET_MS)
    await Promise.race([sent, interrupted(context.signal)]).catch((thrown: unknown) => {
      const error = toQpqError(thrown)
      if (!error.retryable) throw error
      out.note(`not sent yet: ${error.message}`)
    })
  })
  await goOnline(context)
  const delivery = await deliveryOf(client, group.groupId, id)
  if (delivery === "failed") throw new QpqError(refused[0] ?? "E041", "the file was not sent")
  const verified = await areVerified(context, group)
  out.sent(group.name, id, { state: delivery === "stored" ? "stored" : "queued", verified })
  const { accountKey: sender } = await client.whoami()
  return { groupId: group.groupId, sender, id }
}

const interrupted = (signal: AbortSignal): Promise<never> =>
  new Promise((_, reject) => {
    const stop = (): void => {
      reject(new QpqError("E076"))
    }
    if (signal.aborted) stop()
    else signal.addEventListener("abort", stop, { once: true })
  })

export const save: Run = async (context, [name = "", start = "", path = "."], { force }) => {
  const client = await context.client()
  const group = await findGroup(client, name, ["active", "removed", "left"])
  const row = await client.find(group.groupId, start)
  const stop = (): void => void client.stopSaving(lineOf(row)).catch(() => undefined)
  context.signal.addEventListener("abort", stop, { once: true })
  try {
    await watched(context, { id: row.id, direction: "down" }, [], async () => {
      const saved = await client.saveFile(lineOf(row), { path: resolve(path), overwrite: force === true })
      context.out.saved(row, saved)
    })
  } finally {
    context.signal.removeEventListener("abort", stop)
  }
}

interface Watched {
  readonly id: string
  readonly direction: "up" | "down"
}

/** Shows how far a file is while `work` runs. @param refused what the core reports meanwhile is put here. */
async function watched(
  context: CommandContext,
  which: Watched,
  refused: ErrorCode[],
  work: () => Promise<void>,
): Promise<void> {
  const client = await context.client()
  const done = new AbortController()
  const shown = follow(context, client.events(done.signal), which, refused)
  try {
    await work()
  } finally {
    done.abort()
    await shown
  }
}

async function follow(
  { out }: CommandContext,
  events: AsyncIterable<ClientEvent>,
  { id, direction }: Watched,
  refused: ErrorCode[],
): Promise<void> {
  let isShown = false
  for await (const event of events) {
    if (event.kind === "trouble") refused.push(event.code)
    if (event.kind !== "transfer") continue
    const { bytes, total, state } = event.transfer
    if (event.transfer.id !== id || event.transfer.direction !== direction || state !== "running") continue
    out.progress(`${direction === "up" ? "sending" : "saving"} ${sizeText(bytes)} of ${sizeText(total)}`)
    isShown = true
  }
  if (isShown) out.progress("")
}
