/** What `qpq verify` prints, with a scripted core: of a key that changed both numbers, as text and as JSON. */
import { expect, it } from "vitest"
import type { CommandContext } from "../../../tui/cli/command.ts"
import { join } from "../../../tui/cli/commands/groups.ts"
import { verify } from "../../../tui/cli/commands/verify.ts"
import { Out } from "../../../tui/cli/out.ts"
import { busyHouse } from "../../fakes/busy-house.ts"
import { numberOf } from "../../fakes/fake-trust.ts"

const { core } = busyHouse()

async function printed(json: boolean, ...options: readonly string[]): Promise<string> {
  const lines: string[] = []
  const sink = { write: (line: string) => void lines.push(line) }
  const context = { client: async () => core, out: new Out(json, sink, sink) } as Partial<CommandContext>
  await verify(context as CommandContext, ["bob"], Object.fromEntries(options.map((name) => [name, true])))
  return lines.join("\n")
}

const spaced = (number: string): string => (number.match(/.{5}/g) ?? []).join(" ")

it("shows the number of the new key, that of the key before, and both ways on", async () => {
  core.changesKey("bob")
  const [number, before] = [spaced(numberOf("bob", true)), spaced(numberOf("bob"))]
  expect(JSON.parse(await printed(true))).toEqual({
    ...{ type: "verification", user: "bob", number, state: "changed", changed: true, before },
  })
  const text = await printed(false)
  expect(text).toContain("The account key of bob has changed. The number of the new one:")
  for (const part of [number.slice(0, 35), before.slice(0, 35), "--number", "--mismatch", "qpq verify bob --unchecked"])
    expect(text).toContain(part)
})

it("says that a number does not match for as long as that holds", async () => {
  expect(JSON.parse(await printed(true, "mismatch"))).toMatchObject({ state: "changed", mismatch: true })
  expect(await printed(false)).toContain("nothing is sent to bob alone until --number or --unchecked")
  expect(JSON.parse(await printed(true, "unchecked"))).not.toHaveProperty("mismatch")
})

it("join accepts the others and says what to compare first, when one who invites has another key", async () => {
  const { core: other } = busyHouse()
  other.directWith("dave", { inviter: "dave" })
  other.group("book-club", ["erin"], { inviter: "erin" })
  other.changesKey("dave")
  const lines: string[] = []
  const sink = { write: (line: string) => void lines.push(line) }
  const config = { home: "", server: undefined, ca: undefined, json: false, timeoutMs: undefined, share: true }
  const context: Partial<CommandContext> = { client: async () => other, out: new Out(false, sink, sink), config }
  await join(context as CommandContext, [], {})
  expect(lines.join("\n")).toMatch(/dave wants to talk to you .* compare first with: qpq verify dave\n.*book-club/)
  expect(other.calls).toEqual(["accept book-club"])
})
