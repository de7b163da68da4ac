/** The server is killed -9 again and again while many talk; no client is started anew. Run: npm run talk-through-kills */
import { BuiltServer } from "./built-server.ts"
import { Crowd } from "./crowd.ts"
import { programme } from "./programme.ts"

/** As the app has it: a dead server is noticed within 11 s (docs/decisions/0008). */
const LIVENESS = { keepAliveMs: 3000, idleMs: 8000 }
const BACK_MS_MAX = 60_000
const POLL_MS = 20

const flags = { people: 10, seconds: 60, "kill-every-ms": 2000, "talk-ms": 500, seed: 0 }

await programme({ name: "talk-through-kills", flags, minutesMax: 15 }, async (run) => {
  const { people, seconds, "kill-every-ms": everyMs, "talk-ms": talkMs } = run.flags
  const server = new BuiltServer(`${run.folder}/server`)
  run.onEnd(() => server.kill())
  await server.start()
  const names = Array.from({ length: people }, (_, at) => `person${at}`)
  const crowd = await Crowd.gather(run, { server, names, liveness: LIVENESS })
  const groupId = await crowd.group(names)
  for (const person of crowd.people) person.talk(groupId, talkMs)
  run.say(`${people} clients talk for ${seconds} s; the server dies every ${everyMs} ms`)
  const until = performance.now() + seconds * 1000
  let kills = 0
  while (performance.now() < until) {
    await crowd.sleep(everyMs)
    await server.kill()
    await server.start()
    if (++kills % 5 === 0) run.say(`${kills} kills; ${crowd.told()}; online: ${crowd.online()}`)
  }
  const underKills = crowd.told()
  for (const person of crowd.people) person.talk(groupId, 0)
  await crowd.sleep(talkMs * 2)
  const backMs = await back(crowd)
  const verdict = await crowd.settle(groupId)
  for (const { name, lives } of crowd.people) if (lives !== 1) run.miss(`${name} was started ${lives} times`)
  run.figure(
    "kills",
    `${kills} in ${seconds} s; ready again after at most ${Math.round(Math.max(...server.startsMs))} ms`,
  )
  run.figure("while kills went on", underKills)
  run.figure("after the last kill", `all sent, by themselves, after ${(backMs / 1000).toFixed(1)} s`)
  if (verdict.delivered === 0) run.miss("nobody said anything")
})

/** Until the server has all that was acknowledged, without anybody being asked to read or send. */
async function back(crowd: Crowd): Promise<number> {
  const since = performance.now()
  while (crowd.ledger.count("stored") < crowd.ledger.all.length) {
    if (performance.now() - since > BACK_MS_MAX) throw new Error(`not all was sent in time: ${crowd.told()}`)
    await crowd.sleep(POLL_MS)
  }
  return performance.now() - since
}
