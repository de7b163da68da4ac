/** What `qpq block` and `unblock` print, with a scripted core. */
import { expect, it } from "vitest"
import type { CommandContext, Run } from "../../../tui/cli/command.ts"
import { block, unblock } from "../../../tui/cli/commands/block.ts"
import { Out } from "../../../tui/cli/out.ts"
import { busyHouse } from "../../fakes/busy-house.ts"
import { codeOfAsync } from "../../fakes/refusal.ts"

const { core } = busyHouse()

async function printed(command: Run, json: boolean, ...args: readonly string[]): Promise<readonly string[]> {
  const lines: string[] = []
  const sink = { write: (line: string) => void lines.push(line) }
  const context = { client: async () => core, out: new Out(json, sink, sink) } as Partial<CommandContext>
  await command(context as CommandContext, args, {})
  return lines.map((line) => line.trim())
}

it("says who is blocked, and who is heard again", async () => {
  expect(await printed(block, false)).toEqual([])
  expect(await printed(block, true, "bob")).toEqual(['{"type":"block","user":"bob","blocked":true}'])
  expect(await printed(block, false, "carol")).toEqual(["carol is blocked"])
  expect(await printed(block, false)).toEqual(["bob is blocked", "carol is blocked"])
  expect(await printed(unblock, true, "bob")).toEqual(['{"type":"block","user":"bob","blocked":false}'])
  expect(await printed(unblock, false, "carol")).toEqual(["carol is heard again"])
})

it("refuses who does not exist or is not blocked", async () => {
  expect(await codeOfAsync(() => printed(block, false, "nobody"))).toBe("E015")
  expect(await codeOfAsync(() => printed(unblock, false, "bob"))).toBe("E070")
})
