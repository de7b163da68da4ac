/** What `qpq devices` prints, with a scripted core. */
import { expect, it } from "vitest"
import type { CommandContext } from "../../../tui/cli/command.ts"
import { devices } from "../../../tui/cli/commands/devices.ts"
import { Out } from "../../../tui/cli/out.ts"
import { FakeCore } from "../../fakes/fake-core.ts"

async function printed(json: boolean): Promise<readonly string[]> {
  const lines: string[] = []
  const sink = { write: (line: string) => void lines.push(line) }
  const context = { client: async () => new FakeCore(), out: new Out(json, sink, sink) } as Partial<CommandContext>
  await devices(context as CommandContext, [], {})
  return lines.map((line) => line.trim())
}

it("names each device by its key, and no name that nobody has certified", async () => {
  expect((await printed(true)).map((line) => JSON.parse(line) as object)).toEqual([
    {
      ...{ type: "device", id: "a1".repeat(32), name: "", status: "active", current: true },
      ...{ listedAt: "2026-11-20T09:12:00.000Z", since: "2026-11-20T09:12:00.000Z" },
    },
  ])
  expect(await printed(false)).toEqual(["a1a1a1a1a1a1a1a1  active  this device  since 2026-11-20"])
})
