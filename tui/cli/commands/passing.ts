/** qpq disappear, receipts, typing: how long messages stay, and what others are told. */
import type { Signal } from "../../../core/client/passing-api.ts"
import { secondsFrom } from "../../../core/domain/duration.ts"
import { QpqError } from "../../../core/domain/errors.ts"
import { cleanLine } from "../../../core/domain/safe-text.ts"
import type { CommandContext, Run } from "../command.ts"
import { findGroup } from "./find-group.ts"
import { goOnline } from "./going-out.ts"

/** Without a time: what holds. */
export const disappear: Run = async (context, [name = "", time]) => {
  const client = await context.client()
  const { groupId, name: group, timer } = await findGroup(client, name, ["active"])
  if (time === undefined) {
    context.out.timer({ group, groupId, seconds: timer })
    return
  }
  const seconds = secondsFrom(time)
  if (seconds === undefined) throw new QpqError("E087", time)
  await client.setTimer(groupId, seconds)
  await goOnline(context)
  context.out.timer({ group, groupId, seconds })
}

const CHOICES: Readonly<Record<string, boolean | undefined>> = { on: true, off: false, default: undefined }

/** Without a choice: what holds. */
const choosing =
  (signal: Signal): Run =>
  async (context, [choice], options) => {
    const client = await context.client()
    const named = typeof options["group"] === "string" ? options["group"] : undefined
    const groupId = named === undefined ? undefined : (await findGroup(client, named, ["active"])).groupId
    if (choice !== undefined) {
      if (!Object.hasOwn(CHOICES, choice) || (groupId === undefined && choice === "default"))
        throw new QpqError("E070", `${signal} is on or off; for a group default, too`)
      await client.setSignal(signal, CHOICES[choice], groupId)
    }
    await told(context, signal, groupId)
  }

export const receipts: Run = choosing("receipts")
export const typing: Run = choosing("typing")

const WHAT: Readonly<Record<Signal, string>> = {
  receipts: "what has come and was read",
  typing: "that you are writing",
}

async function told(context: CommandContext, signal: Signal, groupId: string | undefined): Promise<void> {
  const client = await context.client()
  const group = (await client.groups()).find((one) => one.groupId === groupId)
  const on = group ? group[signal] : (await client.signals())[signal]
  const where = group ? `[${cleanLine(group.name)}] ` : ""
  const json = { type: "signal", signal, on, ...(group && { group: group.name, groupId: group.groupId }) }
  context.out.line(json, `${where}others ${on ? "are" : "are not"} told ${WHAT[signal]}`)
}
