/** Dialogs with a scripted core: what they ask, what they say meanwhile, and what follows. */
import { afterEach, describe, expect, it } from "vitest"
import { QpqError } from "../../core/domain/errors.ts"
import { busyHouse } from "../fakes/busy-house.ts"
import { ScreenRig } from "../fakes/screen-rig.ts"
import type { RigOptions } from "../fakes/screen-rig.ts"

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
