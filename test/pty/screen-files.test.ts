/** Files on the screen, with a scripted core: sent by a command, shown with how far they are, saved where it says. */
import { mkdtempSync, readFileSync, rmSync } from "node:fs"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { afterEach, expect, it } from "vitest"
import type { TransferView } from "../../core/client/client-api.ts"
import { busyHouse } from "../fakes/busy-house.ts"
import type { FakeCore } from "../fakes/fake-core.ts"
import { ScreenRig } from "../fakes/screen-rig.ts"
import { until } from "../fakes/until.ts"

const FILE = { name: "plan.pdf", size: 3_000_000, mediaType: "application/pdf" }
let rig: ScreenRig
let core: FakeCore
let groupId: string

async function start(options: { ascii?: boolean; columns?: number } = {}): Promise<void> {
  core = busyHouse().core
  rig = new ScreenRig({ core, columns: 120, rows: 36, ...options })
  await rig.shows("hi all")
  groupId = (await core.groups()).find(({ name }) => name === "ops-oncall")?.groupId ?? ""
}

afterEach(async () => {
  await rig.close()
})

const moves = (id: string, bytes: number, change: Partial<TransferView> = {}): void => {
  const fixed = { groupId, sender: "", id, direction: "down", total: 4000, state: "running" } as const
  core.tell({ kind: "transfer", transfer: { ...fixed, bytes, ...change } })
}

it("sends a file by its path, from the home folder too", async () => {
  await start()
  rig.press("/send-file ~/plan.pdf", "enter")
  await until("it is sent", () => core.calls.includes("send file /home/alice/plan.pdf"))
  rig.press("/send-file", "enter")
  await rig.shows("> /send-file")
  rig.press("a.txt", "enter")
  await until("it is sent", () => core.calls.some((call) => call.endsWith("/a.txt")))
})

it("shows name and size, and a bar while it moves", async () => {
  await start()
  const { id } = core.says(groupId, "bob", "plan.pdf", FILE)
  await rig.shows("[file] plan.pdf, 3.0 MB")
  moves(id, 1000)
  await rig.shows("[█████░░░░░░░░░░░░░░░] 25% saving")
  moves(id, 3000, { direction: "up" })
  await rig.shows("75% sending")
  moves(id, 4000, { state: "done" })
  await rig.hides("sending")
})

it("draws the bar in ASCII, and in a narrow terminal", async () => {
  await start({ ascii: true, columns: 50 })
  const { id } = core.says(groupId, "bob", "plan.pdf", FILE)
  await rig.shows("plan.pdf")
  moves(id, 2000)
  await rig.shows(/\[#+-+\] 50% saving/)
})

it("saves the selected one into the downloads folder, and says where; edits none", async () => {
  await start()
  core.says(groupId, "bob", "plan.pdf", FILE)
  await rig.shows("plan.pdf")
  rig.press("up")
  await rig.shows("o save the file")
  rig.press("o")
  await rig.shows("Saved as /home/alice/Downloads/plan.pdf")
  expect(core.calls).toContain("save /home/alice/Downloads/plan.pdf")
})

it("stops what is being saved", async () => {
  await start()
  const { id } = core.says(groupId, "bob", "plan.pdf", FILE)
  moves(id, 1000)
  await rig.shows("25% saving")
  rig.press("up", "s")
  await until("it is stopped", () => core.calls.includes(`stop ${id}`))
})

it("tells what went wrong with a file without standing in the way", async () => {
  await start()
  core.failures.set("saveFile", "E063")
  core.says(groupId, "bob", "plan.pdf", FILE)
  await rig.shows("plan.pdf")
  rig.press("/save", "enter")
  await rig.shows("Storage failed")
  rig.press("still here")
  await rig.shows("still here")
})

it("shows no control characters of a name", async () => {
  await start()
  core.says(groupId, "bob", "x", { ...FILE, name: "a\u001b[31mb\u202ec" })
  await rig.shows(/\[file\] a.\[31mb.c, 3\.0 MB/)
})

it("writes the conversation to a file, says where, and never over one", async () => {
  const folder = mkdtempSync(join(tmpdir(), "qpq-export-"))
  const path = join(folder, "ops.ndjson")
  await start()
  rig.press("/export", "enter")
  await rig.shows("> /export")
  rig.press(path, "enter")
  await rig.shows(/\d+ lines written to /)
  const lines = readFileSync(path, "utf8").trimEnd().split("\n")
  expect(lines.length).toBeGreaterThan(3)
  expect(lines.every((line) => "type" in (JSON.parse(line) as object))).toBe(true)
  rig.press(`/export ${path}`, "enter")
  await rig.shows("is there already")
  rmSync(folder, { recursive: true })
})
