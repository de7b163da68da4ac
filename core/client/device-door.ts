/** The part of a session that has to do with the account's devices. */
import { codeFrom, codeText, CODE_BYTES } from "../crypto/code-text.ts"
import { pairingIdOf } from "../crypto/pairing-code.ts"
import { EMPTY, hex } from "../domain/bytes.ts"
import { abortedAfter } from "../domain/deadline.ts"
import { QpqError } from "../domain/errors.ts"
import { devicesOf, ownDevices, ownList, rename, revoke } from "./devices.ts"
import type { DeviceView, PairingView } from "./device-view.ts"
import { tellOwnDevices } from "./device-mail.ts"
import type { DevicesClient } from "./devices-api.ts"
import { holder } from "./identity.ts"
import { isAnythingOwed } from "./new-devices.ts"
import { takeIn } from "./pairing.ts"
import type { Assembled } from "./session-assembly.ts"

type Parts = Pick<Assembled, "rooms" | "presence" | "stop" | "nudge">

export class DeviceDoor implements DevicesClient {
  readonly #parts: Parts

  constructor(parts: Parts) {
    this.#parts = parts
  }

  devices(name?: string): Promise<readonly DeviceView[]> {
    const { rooms, presence } = this.#parts
    const isOwn = name === undefined || name === rooms.me.name
    return presence.use((node) => (isOwn ? ownDevices(rooms, node) : devicesOf(rooms, node, name)))
  }

  async pairing(): Promise<PairingView> {
    const { rooms, presence } = this.#parts
    holder(rooms.me)
    const code = rooms.world.random.bytes(CODE_BYTES)
    const { expires } = await presence.use((node) => node.pairing({ pairingId: pairingIdOf(code), answer: EMPTY }))
    return { code: codeText(code), expires }
  }

  async takeIn(code: string, timeoutMs: number): Promise<DeviceView> {
    const { rooms, presence, stop } = this.#parts
    const bytes = codeFrom(code)
    const late = abortedAfter(rooms.world, timeoutMs)
    const taken = await presence
      .use((node) => takeIn(rooms, node, bytes, AbortSignal.any([late, stop.signal])))
      .catch((thrown: unknown) => {
        throw late.aborted ? new QpqError("E055", "no device came with the code") : thrown
      })
    const id = hex(taken.deviceKey)
    const now = rooms.world.clock.now()
    return this.#told({
      user: rooms.me.name,
      id,
      name: taken.deviceName,
      status: "active",
      current: false,
      listedAt: now,
    })
  }

  async revokeDevice(id: string): Promise<DeviceView> {
    const { rooms, presence } = this.#parts
    return this.#told(await presence.use((node) => revoke(rooms, node, id)))
  }

  nameDevice(id: string, name: string): Promise<DeviceView> {
    const { rooms, presence } = this.#parts
    return presence.use((node) => rename(rooms, node, id, name))
  }

  /** A device that was just made one of the account's says so to the others. */
  async introduce(): Promise<void> {
    const { rooms, presence } = this.#parts
    await presence.use(async (node) => {
      await ownList(rooms, node)
      await tellOwnDevices(rooms, node)
    })
  }

  /** The groups are told, and changed, at once. */
  async #told(view: DeviceView): Promise<DeviceView> {
    const { rooms, presence, nudge } = this.#parts
    const { clock } = rooms.world
    if (presence.isFollowing) {
      nudge()
      return view
    }
    const until = clock.monotonic() + TOLD_MS_MAX
    do {
      await presence.sync(TOLD_MS_MAX)
      if (!isAnythingOwed(rooms)) return view
      await clock.sleep(LOOK_EVERY_MS)
    } while (clock.monotonic() < until)
    return view
  }
}

/** For all groups to be changed; what is left is done later, or by another member. */
const TOLD_MS_MAX = 10_000
const LOOK_EVERY_MS = 300
