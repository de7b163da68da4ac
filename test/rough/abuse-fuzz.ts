/** The decoder fuzz against a living server: damaged frames on streams, each connection until the server has had enough of it. */
import { endpointTargets } from "../fuzz/endpoint-targets.ts"
import { damagedInput } from "../fuzz/mutate.ts"
import { toQpqError } from "../../core/domain/errors.ts"
import { addressAt, connectFrom, pause, write } from "./abuse-peers.ts"
import type { Attack, Attacker } from "./abuse-peers.ts"

const STREAMS_PER_CONNECTION = 20
const FRAMES_PER_STREAM = 3
const ADDRESSES = 40

/** What a client says to a server, damaged. */
export const fuzzedFrames: Attacker = async (attack) => {
  const target = (await endpointTargets()).find(({ name }) => name === "serving endpoint")
  if (!target) throw new Error("no frames to damage")
  let made = 0
  const next = (): Uint8Array => damagedInput(target, attack.seed, made++)
  for (let round = 0; !attack.signal.aborted; round++) await oneConnection(attack, addressAt(round % ADDRESSES), next)
}

async function oneConnection(attack: Attack, from: string, next: () => Uint8Array): Promise<void> {
  const { signal, count } = attack
  const connection = await connectFrom(attack, from)
  if (!connection) return pause(20, signal)
  try {
    for (let at = 0; at < STREAMS_PER_CONNECTION && !signal.aborted; at++) {
      const stream = connection.openStream()
      for (let frame = 0; frame < FRAMES_PER_STREAM; frame++) {
        write(stream, next())
        count("damaged frames")
      }
      await pause(2, signal)
    }
  } catch (thrown) {
    count(`stream ${toQpqError(thrown).code}`)
  }
  connection.close(0, "")
}
