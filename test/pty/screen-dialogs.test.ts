/** Dialogs with a scripted core: what they ask, what they say meanwhile, and what follows. */
import { afterEach, describe, expect, it } from "vitest"
import { QpqError } from "../../core/domain/errors.ts"
import { numberOf } from "../fakes/fake-trust.ts"
import { busyHouse } from "../fakes/busy-house.ts"
import { fingerprintOf } from "../fakes/fake-gate.ts"
import { ScreenRig } from "../fakes/screen-rig.ts"
import type { RigOptions } from "../fakes/screen-rig.ts"
import { until } from "../fakes/until.ts"

let rig: ScreenRig

const start = (options: Omit<RigOptions, "core">): ReturnType<typeof busyHouse> => {
  const house = busyHouse()
  rig = new ScreenRig({ ...options, core: house.core })
  return house
}

afterEach(async () => {
  await rig.close()
})

describe("stopping the server on this computer", () => {
  const ask = async (): Promise<void> => {
    await rig.shows("hi all")
    rig.press("/stop-s")
    await rig.shows("/stop-server")
    rig.press("erver", "enter")
    await rig.shows("Stop it now?", "for everybody who uses it", "[Stop: enter]", "[Cancel: esc]")
  }

  it("asks first, and escape leaves it alone", async () => {
    let stops = 0
    start({ stopLocalServer: async () => void (stops += 1) })
    await ask()
    rig.press("esc")
    await rig.hides("Stop it now?")
    expect(stops).toBe(0)
  })

  it("stops it once, says that it waits, and what became of it", async () => {
    let stops = 0
    let ended: (server: { address: string }) => void = () => undefined
    const stopping = new Promise<{ address: string }>((resolve) => (ended = resolve))
    start({
      stopLocalServer: () => {
        stops += 1
        return stopping
      },
    })
    await ask()
    rig.press("enter", "enter")
    await rig.shows("Stopping")
    ended({ address: "qpq://127.0.0.1:7000" })
    await rig.shows("The server on this computer was stopped.")
    await rig.hides("Stop it now?")
    expect(stops).toBe(1)
  })

  it("says when none runs", async () => {
    start({ stopLocalServer: async () => undefined })
    await ask()
    rig.press("enter")
    await rig.shows("No server runs on this computer.")
  })

  it("says in the dialog why it could not", async () => {
    start({ stopLocalServer: () => Promise.reject(new QpqError("E077", "process 4711")) })
    await ask()
    rig.press("enter")
    await rig.shows("Process is not this server: process 4711.", "It was left alone", "E077", "[Stop: enter]")
  })
})

describe("inviting", () => {
  const open = async (): Promise<ReturnType<typeof busyHouse>> => {
    const house = start({ columns: 120, rows: 36 })
    await rig.shows("hi all")
    rig.press("alt+i")
    await rig.shows("Invite to # ops-oncall")
    return house
  }

  it("looks the name up when typing pauses, once, and enter invites", async () => {
    const { core } = await open()
    rig.press("e", "r", "i", "n")
    await rig.shows("Safety check", fingerprintOf("erin"), "first contact", "[Invite: enter]")
    expect(core.lookedUp).toEqual(["erin"])
    rig.press("enter")
    await rig.shows("erin was invited.")
    expect(core.calls).toContain("invite ops-oncall erin")
  })

  it("says what is published of whom, and nothing where the server does not say", async () => {
    const { core } = await open()
    core.published.set("carol", undefined)
    core.published.set("bob", { baseline: { kind: "none" }, hybrid: { kind: "none" } })
    core.published.set("dave", { baseline: { kind: "none" }, hybrid: { kind: "lastResort" } })
    rig.press("erin")
    await rig.shows("erin   key package 3 h old   PQ yes   first contact")
    rig.press("ctrl+u", "bob")
    await rig.shows("bob  no key package: cannot be invited until bob logs in")
    rig.press("ctrl+u", "dave")
    await rig.shows("dave   only the spare key package   PQ yes")
    rig.press("ctrl+u", "carol")
    await rig.shows("carol's fingerprint")
    await rig.hides("key package")
  })

  it("says quietly that nobody has the name, and goes on looking", async () => {
    const { core } = await open()
    rig.press("eri")
    await rig.shows("No such user. The exact name is needed")
    await rig.hides("E015")
    rig.press("n")
    await rig.shows("erin's fingerprint")
    await rig.hides("No such user")
    expect(core.lookedUp).toEqual(["eri", "erin"])
  })

  it("drops an answer about a name that no longer stands there", async () => {
    const { core } = await open()
    let answer: () => void = () => undefined
    core.gate = new Promise((resolve) => (answer = resolve))
    rig.press("erin")
    await until("the question", () => core.lookedUp.length === 1)
    rig.press("a")
    await rig.shows("User: erina")
    core.gate = undefined
    answer()
    await rig.shows("No such user. The exact name is needed")
    await rig.hides("fingerprint")
    expect(core.lookedUp).toEqual(["erin", "erina"])
  })

  it("joins the question that is under way when enter is pressed, and asks at once when none is", async () => {
    const { core } = await open()
    let answer: () => void = () => undefined
    core.gate = new Promise((resolve) => (answer = resolve))
    rig.press("erin", "enter")
    await rig.shows("Looking for the user")
    rig.press("a", "backspace")
    await rig.hides("Looking for the user")
    rig.press("enter")
    await rig.shows("Looking for the user")
    answer()
    await rig.shows("erin's fingerprint", "first contact")
    expect(core.lookedUp).toEqual(["erin"])
    expect(core.calls).toEqual([])
  })

  it("shows that somebody is a member already, and does not invite again", async () => {
    const { core } = await open()
    rig.press("bob")
    await rig.shows("bob's fingerprint", "bob is already a member.")
    await rig.hides("[Invite: enter]")
    rig.press("enter", "esc")
    await rig.hides("Invite to")
    expect(core.calls).toEqual([])
  })

  it("keeps quiet while the server cannot be asked; enter says why", async () => {
    const { core } = await open()
    core.failures.set("lookUp", "E053")
    rig.press("erin")
    await until("the question", () => core.lookedUp.length === 1)
    await rig.hides("E053")
    core.failures.set("lookUp", "E053")
    rig.press("enter")
    await rig.shows("Server unreachable", "E053")
  })

  it("warns at once when the key behind the name has changed", async () => {
    const { core } = await open()
    core.changesKey("erin")
    rig.press("erin")
    await rig.shows("erin's account key has changed", "Only erin can tell you", "[Compare: enter]")
    rig.press("enter")
    await rig.shows("Compare with erin", "the number of the new one")
  })

  it("marks who was compared, by the number that was shown, when they are invited so", async () => {
    const { core } = await open()
    rig.press("erin")
    const [first = ""] = numberOf("erin").match(/.{20}/g) ?? []
    await rig.shows("Your safety number with erin", (first.match(/.{5}/g) ?? []).join("  "))
    await rig.shows(/○ I compared this with erin .* marked v {2}up/, /● Invite without checking .* marked \? {2}down/)
    rig.press("up")
    await rig.shows("● I compared this", "○ Invite without checking")
    rig.press("down", "up", "enter")
    await rig.shows("erin was invited.")
    expect(core.calls.filter((call) => /confirm|invite/.test(call))).toEqual(["confirm erin", "invite ops-oncall erin"])
  })

  it("invites nobody whose number is another meanwhile", async () => {
    const { core } = await open()
    rig.press("erin")
    await rig.shows("Your safety number with erin", "up")
    core.failures.set("confirm", "E082")
    rig.press("up", "enter")
    await rig.shows("Safety number does not match", "E082")
    expect(core.calls.filter((call) => call.startsWith("invite"))).toEqual([])
  })
})
