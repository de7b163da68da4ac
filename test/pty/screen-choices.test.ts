/** What is chosen outlasts the program: the colours, unless others are given; and a screen on which nothing moves by itself. */
import { afterEach, describe, expect, it } from "vitest"
import { busyHouse } from "../fakes/busy-house.ts"
import type { FakeCore } from "../fakes/fake-core.ts"
import { ScreenRig } from "../fakes/screen-rig.ts"
import type { RigOptions } from "../fakes/screen-rig.ts"
import { until } from "../fakes/until.ts"
import { fakeWorld } from "../fakes/world.ts"

let rig: ScreenRig

const SETTING = [{ name: "theme", value: "auto", source: "default" }] as const

async function start(core: FakeCore, options: Partial<RigOptions> = {}): Promise<void> {
  rig = new ScreenRig({ core, columns: 120, rows: 36, settings: SETTING, theme: "auto", ...options })
  await rig.shows("hi all")
}

afterEach(async () => {
  await rig.close()
})

async function themeIs(row: RegExp): Promise<void> {
  rig.press("/set", "enter")
  await rig.shows(row)
  rig.press("esc")
  await rig.hides("Settings")
}

describe("the colours that were chosen", () => {
  it("are there again at the next start, and the settings say who chose them", async () => {
    const { core } = busyHouse()
    await start(core)
    await themeIs(/theme +auto +default/)
    rig.press("/theme light", "enter")
    await rig.shows("Theme: light.")
    await themeIs(/theme +light +chosen with \/theme/)
    await until("it is remembered", () => Object.values(core.memory).includes("light"))
    await rig.close()
    await start(core)
    await themeIs(/theme +light +chosen with \/theme/)
  })

  it("give way to what is given at the start, and are not forgotten by that", async () => {
    const { core } = busyHouse()
    await core.remember("screen.theme", "light")
    const settings = [{ name: "theme", value: "colour-blind", source: "flag" }] as const
    await start(core, { theme: "colour-blind", given: true, settings })
    await themeIs(/theme +colour-blind +flag/)
    core.tell({ kind: "lagged" })
    await themeIs(/theme +colour-blind +flag/)
    expect(core.memory["screen.theme"]).toBe("light")
    rig.press("/theme dark", "enter")
    await themeIs(/theme +dark +chosen with \/theme/)
    await until("it is remembered", () => core.memory["screen.theme"] === "dark")
  })

  it("are not taken from what is no theme", async () => {
    const { core } = busyHouse()
    await core.remember("screen.theme", "pink")
    await start(core)
    await themeIs(/theme +auto +default/)
  })
})

describe("without animation", () => {
  it("no seconds count down and no measured time changes", async () => {
    const { core } = busyHouse()
    const world = fakeWorld()
    await start(core, { still: true, world })
    const shownInTime = (part: string): Promise<void> =>
      until(part, () => {
        void world.advance(100)
        return rig.has(part)
      })
    core.setLink({ state: "online", roundTripMs: 3 })
    await shownInTime("● online │")
    core.setLink({ state: "reconnecting", tries: 3, retryAt: world.clock.now() + 60_000, code: "E054" })
    await shownInTime("○ reconnecting │")
    const [before, written] = [rig.text(), rig.written.length]
    await world.advance(10_000)
    expect(rig.text()).toBe(before)
    expect(rig.written.length).toBe(written)
  })

  it("a file that moves is said, not drawn", async () => {
    const { core, ops } = busyHouse()
    await start(core, { still: true })
    const attachment = { name: "plan.pdf", size: 3_000_000, mediaType: "application/pdf" }
    const { id } = core.says(ops, "bob", "plan.pdf", attachment)
    const transfer = { groupId: ops, sender: "", id, direction: "down", total: 4000, state: "running" } as const
    core.tell({ kind: "transfer", transfer: { ...transfer, bytes: 1000 } })
    await rig.shows("[file] plan.pdf, 3.0 MB", "saving")
    core.tell({ kind: "transfer", transfer: { ...transfer, bytes: 2000 } })
    await rig.shows("saving")
    expect(rig.has("%")).toBe(false)
  })
})
