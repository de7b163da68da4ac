/** Attackers who speak the protocol well and ask for too much. */
import { verifyAccountRecord } from "../../core/crypto/account-proof.ts"
import { toQpqError } from "../../core/domain/errors.ts"
import { blobId } from "../../core/domain/ids.ts"
import { userName } from "../../core/domain/user-name.ts"
import { formatPin } from "../../core/domain/server-address.ts"
import { startLogin } from "../../core/opaque/login.ts"
import type { RemoteNode } from "../../core/rpc/remote-node.ts"
import { begunRegistration, fresh, letterTo, newIdentity } from "../fakes/node-device.ts"
import { accountFrom, addressAt, connectFrom, nodeOn, pause } from "./abuse-peers.ts"
import type { Attack, Attacker } from "./abuse-peers.ts"

/** From one address each. */
const FLOODERS = 5
const IN_FLIGHT = 32
const LETTER_BYTES = 1_000_000
const CHUNK_BYTES = 1_048_576
const REFUSED_PAUSE_MS = 5

/** So many at a time, from each of some addresses, until the signal fires. */
async function flood(attack: Attack, ask: (node: RemoteNode, at: number) => Promise<unknown>): Promise<void> {
  const flooders = Array.from({ length: FLOODERS }, async (_, at) => {
    const connection = await connectFrom(attack, addressAt(at))
    if (!connection) return
    const node = nodeOn(connection)
    await repeat(attack, (round) => ask(node, at * 1_000_000 + round))
  })
  await Promise.all(flooders)
}

/** Who is refused asks again at once, a little later only so that its own processor is not what is measured. */
async function repeat(attack: Attack, ask: (round: number) => Promise<unknown>): Promise<void> {
  let round = 0
  const lane = async (): Promise<void> => {
    while (!attack.signal.aborted) {
      const code = await ask(round++).then(
        () => "answered",
        (thrown: unknown) => toQpqError(thrown).code,
      )
      attack.count(code)
      if (code === "E054" || code === "E055") return
      if (code !== "answered") await pause(REFUSED_PAUSE_MS, attack.signal)
    }
  }
  await Promise.all(Array.from({ length: IN_FLIGHT }, lane))
}

export const requests: Attacker = (attack) => flood(attack, (node) => node.health())

/** Of honest people and of nobody. */
export const logins: Attacker = async (attack) => {
  const { request } = await startLogin("a guess")
  await flood(attack, (node, at) =>
    node.loginStart(userName(at % 2 === 0 ? `honest${at % 10}` : `nobody${at}`), request),
  )
}

export const registrations: Attacker = async (attack) => {
  const connection = await connectFrom(attack, addressAt(0))
  if (!connection) return
  const door = { service: nodeOn(connection), serverName: formatPin(connection.serverPin) }
  const registration = await begunRegistration(door, newIdentity("squatter"), "pw")
  await flood(attack, async (node, at) => {
    if (at % 2 === 0) return node.registerStart(userName(`taken${at}`), fresh(32))
    const identity = newIdentity(`taken${at}`)
    return node.registerFinish({
      ...registration,
      ...(await begunRegistration({ ...door, service: node }, identity, "pw")),
    })
  })
}

/** Takes what honest people published, so that nobody could invite them. */
export const keyPackages: Attacker = async (attack) => {
  const { node } = await accountFrom(attack, addressAt(0))
  const victim = await node.resolveUser(userName("honest1"))
  const [device] = verifyAccountRecord(victim).devices
  if (!device) return
  await repeat(attack, () => node.fetchKeyPackage(device, "hybrid"))
}

/** Letters to one mailbox until it is full, and on. */
export const mailbox: Attacker = async (attack) => {
  const { node, who } = await accountFrom(attack, addressAt(0))
  const victim = await accountFrom(attack, addressAt(1))
  victim.connection.close(0, "")
  attack.count(`as ${who.identity.name.slice(0, 7)}`)
  await repeat(attack, () => node.enqueue(letterTo(victim.who.identity.deviceKey, { payload: fresh(LETTER_BYTES) })))
}

/** Files without an end until the account's share is used up, and on. */
export const uploads: Attacker = async (attack) => {
  const { node } = await accountFrom(attack, addressAt(0))
  await repeat(attack, () =>
    node.uploadBlob({
      blobId: blobId(fresh(16)),
      offset: 0,
      chunk: fresh(CHUNK_BYTES),
      size: 4 * CHUNK_BYTES,
      hash: fresh(32),
    }),
  )
}
