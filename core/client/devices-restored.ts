/** A restored server knows an older device list of the account: it is led to the newest one, a change at a time (PROTOCOL.md section 3). */
import type { NodeService } from "../contract/node-service.ts"
import type { NextDeviceList } from "../contract/own-account.ts"
import { issueDeviceCertificate } from "../crypto/device-certificate.ts"
import type { DeviceList } from "../crypto/device-list.ts"
import { EMPTY, equal, hex } from "../domain/bytes.ts"
import { hasCode, QpqError } from "../domain/errors.ts"
import type { DeviceKey } from "../domain/ids.ts"
import { TOKEN_BYTES } from "../domain/limits.ts"
import { isNamed, listOf, noteList } from "./device-lists.ts"
import { checkOwnRecord, nextList } from "./enrolment.ts"
import type { Rooms } from "./session-parts.ts"

/** Other devices of the account may be at it too. */
const ATTEMPTS_MAX = 16
/** Another device was first, or this key is none that the server takes (any more). */
const OF_THE_CHANGE = ["E092", "E094"] as const

type Step = { readonly revoked: DeviceKey } | { readonly added: DeviceKey }

/** A device without the account key gives back what is one change away. @throws E017 when the server shows another account. */
export async function giveBackDevices(rooms: Rooms, node: NodeService): Promise<void> {
  const { me, store } = rooms
  for (let attempt = 1; attempt <= ATTEMPTS_MAX; attempt++) {
    const known = listOf(store, me.accountKey)
    const shown = checkOwnRecord(await node.resolveUser(me.name), me.name)
    if (!equal(shown.accountKey, me.accountKey))
      throw new QpqError("E017", "the server shows another account under your name")
    const step = known && shown.counter < known.counter ? stepTo(known, shown) : undefined
    const next = known && step && listAfter(rooms, known, shown, step)
    if (!next) return
    try {
      await take(rooms, node, step, next)
    } catch (thrown) {
      if (hasCode(thrown, ...OF_THE_CHANGE)) continue
      throw thrown
    }
    store.write((tx) => {
      noteList(tx, { list: next.deviceList, signature: next.deviceListSignature })
    })
  }
}

function stepTo(known: DeviceList, shown: DeviceList): Step | undefined {
  const revoked = shown.devices.find((key) => !isNamed(known, key))
  const added = known.devices.find((key) => !isNamed(shown, key))
  return revoked ? { revoked } : added && { added }
}

/** The very list that others have seen, if it is the next one. */
function listAfter(
  { me, store, world }: Rooms,
  known: DeviceList,
  shown: DeviceList,
  step: Step,
): NextDeviceList | undefined {
  const devices =
    "added" in step ? [...shown.devices, step.added] : shown.devices.filter((key) => !equal(key, step.revoked))
  const stored = store.deviceList(me.accountKey)
  const isKnown = known.counter === shown.counter + 1n && namesOf(devices) === namesOf(known.devices)
  if (isKnown && stored) return { deviceList: stored.list, deviceListSignature: stored.signature }
  const { accountSeed } = me
  return accountSeed && nextList({ ...me, accountSeed }, shown, devices, world.clock.now())
}

const namesOf = (devices: readonly DeviceKey[]): string => devices.map(hex).sort().join()

async function take({ me, world }: Rooms, node: NodeService, step: Step, next: NextDeviceList): Promise<void> {
  if ("revoked" in step) {
    await node.revokeDevice({ ...next, deviceKey: step.revoked })
    return
  }
  if (!me.accountSeed) throw new QpqError("E094")
  const keys = { accountKey: me.accountKey, deviceKey: step.added }
  const certificate = issueDeviceCertificate(me.accountSeed, keys)
  // Nobody has this token: the device logs in by password.
  const refreshHash = world.random.bytes(TOKEN_BYTES)
  await node.registerDevice({ ...next, certificate, sealedName: EMPTY, refreshHash })
}
