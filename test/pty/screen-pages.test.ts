/** The panels that tell something, and leaving: what stands in them, and what their keys do. */
import { afterEach, describe, expect, it } from "vitest"
import { busyHouse } from "../fakes/busy-house.ts"
import type { FakeCore } from "../fakes/fake-core.ts"
import { ScreenRig } from "../fakes/screen-rig.ts"
import type { RigOptions } from "../fakes/screen-rig.ts"

let rig: ScreenRig

async function start(options: Partial<RigOptions> = {}): Promise<ScreenRig> {
  rig = new ScreenRig({ core: busyHouse().core, columns: 120, rows: 36, ...options })
  await rig.shows("hi all")
  return rig
}

afterEach(async () => {
  await rig.close()
})

async function command(name: string): Promise<void> {
  rig.press(`/${name}`)
  await rig.shows(`> /${name}`)
  rig.press("enter")
}

/** Messages that wait: the server takes none. */
async function startWithWaiting(...texts: readonly string[]): Promise<FakeCore> {
  const { core } = busyHouse()
  core.delivers = false
  await start({ core })
  for (const text of texts) rig.press(text, "enter")
  await rig.shows(`${texts.length} queued`)
  return core
}

describe("keys as they come", () => {
  it("are shown with their bytes, their name and what they are bound to, and do nothing, until esc", async () => {
    await start()
    await command("keys")
    await rig.shows("Keys as they come", "Nothing was pressed yet.")
    rig.press("alt+up", "ctrl+q", "x")
    await rig.shows(/alt\+up +1b 5b 31 3b 33 41 +ESC \[ 1 ; 3 A {2}group\.prev/, /ctrl\+q +11 +\^Q {2}quit/, /x +78 +x/)
    rig.press("\u001b[99;9~", "\u001b[200~pasted\u001b[201~", "é")
    await rig.shows(/not known +1b 5b 39 39/, /paste, 6 long/, /é +c3 a9 +xc3 xa9/)
    rig.press("esc")
    await rig.hides("Keys as they come")
    expect(rig.has("> x")).toBe(false)
    rig.press("after")
    await rig.shows("> after")
  })

  it("keep to the rows there are, the last ones shown", async () => {
    await start({ columns: 60, rows: 16 })
    await command("keys")
    await rig.shows("Keys as they come")
    for (let at = 0; at < 60; at += 1) rig.press("a")
    rig.press("ctrl+u")
    await rig.shows(/ctrl\+u +15/)
    rig.press("ctrl+c")
    await rig.hides("Keys as they come")
  })
})

it("shows each setting with its value and where it comes from", async () => {
  await start({
    settings: [
      { name: "profile folder", value: "/home/alice/qpq", source: "environment" },
      { name: "key preset", value: "vim", source: "file" },
    ],
  })
  await command("set")
  await rig.shows(
    "Settings",
    /profile folder +\/home\/alice\/qpq +environment/,
    /key preset +vim +file/,
    /server +qpq:.* profile/,
  )
  rig.press("enter")
  await rig.hides("key preset")
})

describe("the log", () => {
  it("is named with its level", async () => {
    await start()
    await command("log")
    await rig.shows("/log file: where it is kept")
    rig.press("esc")
    await rig.hides("/log file")
    await command("log file")
    await rig.shows("/home/alice/qpq-tui.log", "level info", "No texts, no names, no keys")
    rig.press("esc")
    await rig.hides("level info")
  })

  it("that is off, or cannot be written any more, says so", async () => {
    await start({ log: { path: undefined, level: "info", problem: undefined } })
    await command("log file")
    await rig.shows("log-file is off")
    await rig.close()
    await start({ log: { path: "/x/y", level: "info", problem: "ENOSPC" } })
    await command("log file")
    await rig.shows("not written any more: ENOSPC")
  })
})

it("says in the status that the clock is wrong, and how far, until it is set", async () => {
  const { core } = busyHouse()
  await start({ core })
  core.setLink({ clockAheadMs: -3 * 3_600_000 })
  await command("status")
  await rig.shows(/Clock +3 hours behind the server's: set it \(E090\)/)
  core.setLink({ clockAheadMs: 900 })
  await rig.shows(/Clock +as the server's/)
})

it("says what it is", async () => {
  await start()
  await command("about")
  await rig.shows(/qpq-tui \d+\.\d+\.\d+/, "RFC 9420", "MIT")
  rig.press("esc")
  await rig.hides("RFC 9420")
})

describe("what waits", () => {
  it("is listed with its group", async () => {
    await startWithWaiting("first words", "second words")
    await command("queue")
    await rig.shows("Waiting to be sent", /first words +ops-oncall/, /second words +ops-oncall/, "2 messages wait")
  })

  it("may be nothing", async () => {
    await start()
    await command("queue")
    await rig.shows("Nothing waits")
  })
})

describe("marking as read", () => {
  it("works for all groups, and for what was not scrolled to", async () => {
    const { core } = busyHouse()
    await start({ core })
    await rig.shows(/# release-train +2/)
    await command("mark")
    await rig.shows("Nothing is unread here.")
    await command("mark all")
    await rig.shows("Marked as read: # release-train.")
    await rig.hides(/# release-train +2/)
    expect((await core.groups()).filter(({ unread }) => unread > 0)).toEqual([])
    await command("mark never")
    await rig.shows("/mark all every group")
  })
})

describe("quitting while messages wait", () => {
  it("asks once: esc stays, enter leaves", async () => {
    await startWithWaiting("one", "two", "three")
    rig.press("ctrl+q")
    await rig.shows("3 messages wait; they are stored and sent next start.", "[Stay: esc]", "[Quit: enter]")
    rig.press("esc")
    await rig.hides("Quit now?")
    await command("quit")
    await rig.shows("Quit now?")
    rig.press("enter")
    await rig.screen.left
  })

  it("leaves by itself once they are sent", async () => {
    const core = await startWithWaiting("one", "two")
    rig.press("ctrl+q")
    await rig.shows("2 messages wait;", "It quits by itself once nothing waits.")
    const waiting = (await core.timeline({ limit: 100 })).filter(({ delivery }) => delivery === "queued")
    for (const { id } of waiting) core.deliver(id)
    await rig.screen.left
  })

  it("takes the same key for the answer", async () => {
    await startWithWaiting("one")
    rig.press("ctrl+q")
    await rig.shows("1 message waits; it is stored and sent next start.")
    rig.press("ctrl+q")
    await rig.screen.left
  })

  it("asks nobody who presses ctrl+c twice, and no signal", async () => {
    await startWithWaiting("one")
    rig.press("ctrl+c", "ctrl+c")
    await rig.screen.left
    await rig.close()
    await startWithWaiting("two")
    rig.screen.leave()
    await rig.screen.left
  })

  it("asks nothing when nothing waits", async () => {
    await start()
    rig.press("ctrl+q")
    await rig.screen.left
  })
})
