/** One attack as a process of its own: NAME ADDRESS SCALE. Says "attacking", and what it was told when it is ended. */
import { setMaxListeners } from "node:events"
import { parseServerAddress } from "../../core/domain/server-address.ts"
import { keyPackages, logins, mailbox, registrations, requests, uploads } from "./abuse-calls.ts"
import { fuzzedFrames } from "./abuse-fuzz.ts"
import { garbage, handshakes, initials, replays } from "./abuse-packets.ts"
import {
  closeAll,
  connections,
  drips,
  halfFrames,
  halfStreams,
  slowReaders,
  strangersFrames,
  volleys,
} from "./abuse-peers.ts"
import type { Attacker } from "./abuse-peers.ts"

const ATTACKERS: Readonly<Record<string, Attacker>> = {
  initials,
  handshakes,
  garbage,
  replays,
  connections,
  drips,
  volleys,
  slowReaders,
  halfStreams,
  halfFrames,
  strangersFrames,
  fuzzedFrames,
  requests,
  logins,
  registrations,
  keyPackages,
  mailbox,
  uploads,
}
/** Whoever started this process may be gone. */
const MS_MAX = 120_000
const ENDS_MS_MAX = 2000

const [name = "", address = "", scale = "1", seed = "1"] = process.argv.slice(2)
const attacker = ATTACKERS[name]
if (!attacker) throw new Error(`no attack ${name}`)
const over = new AbortController()
setMaxListeners(0, over.signal)
const counts: Record<string, number> = {}
const end = (): void => {
  over.abort()
  setTimeout(finish, ENDS_MS_MAX).unref()
}
const finish = (): void => {
  closeAll()
  process.stdout.write(`${JSON.stringify(counts)}\n`, () => process.exit(0))
}
process.once("SIGTERM", end).once("disconnect", end)
setTimeout(end, MS_MAX).unref()
process.stdout.write("attacking\n")
await attacker({
  address: parseServerAddress(address),
  scale: Number(scale),
  seed: Number(seed),
  signal: over.signal,
  count: (what) => (counts[what] = (counts[what] ?? 0) + 1),
}).catch((thrown: unknown) => process.stderr.write(`${name}: ${String(thrown)}\n`))
finish()
