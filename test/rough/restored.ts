/** Backups under load, and servers restored from them (PROTOCOL.md section 11): clients carry on, nothing acknowledged is lost or shown twice. Run: npm run restored */
import { rm } from "node:fs/promises"
import { faultsOf } from "../../core/sqlite/copy.ts"
import { openDatabase } from "../../core/sqlite/open.ts"
import { migrationsFolder } from "../../core/domain/package-root.ts"
import { BuiltServer } from "./built-server.ts"
import { judgeSteady } from "./checker-steady.ts"
import { Crowd } from "./crowd.ts"
import type { Driven } from "./driven.ts"
import { NoAnswer } from "./driven.ts"
import { programme } from "./programme.ts"

const LIVENESS = { keepAliveMs: 400, idleMs: 1500 }
const STEADY = ["alice", "bob", "carol", "dave"]
const LOAD_MS_MAX = 10_000
const TOGETHER_MS_MAX = 60_000
/** What somebody has just said. */
const WAITING_MAX = 5

const flags = { restores: 5, "lost-ms": 6000, "talk-ms": 300, seed: 0 }

await programme({ name: "restored", flags, minutesMax: 40 }, async (run) => {
  const { restores, "lost-ms": lostMs, "talk-ms": talkMs } = run.flags
  let server = new BuiltServer(`${run.folder}/server-0`)
  run.onEnd(() => server.kill())
  await server.start()
  const crowd = await Crowd.gather(run, { server, names: STEADY, liveness: LIVENESS })
  const groupId = await crowd.group(STEADY)
  const [first] = crowd.people
  const talk = (person: Driven): void => person.talk(groupId, talkMs)
  const anybody = (): Driven => crowd.people[run.dice.below(crowd.people.length)] ?? first!
  for (const person of crowd.people) talk(person)
  run.say(`${crowd.people.length} clients talk; ${restores} times a server is restored from a backup made meanwhile`)
  const count = { updates: 0, kills: 0, lostTexts: 0 }

  /** While the server lives on after its backup: what it takes now, the restored one does not know. */
  const goOn = async (): Promise<void> => {
    const untilMs = performance.now() + run.dice.below(lostMs)
    while (performance.now() < untilMs) {
      await crowd.sleep(run.dice.below(1500))
      const what = run.dice.below(4)
      if (what === 0) {
        const victim = anybody()
        await victim.kill()
        await victim.start()
        talk(victim)
        count.kills++
      } else if (what === 1) {
        await anybody()
          .call("update", groupId)
          .then(() => count.updates++)
          .catch((thrown: unknown) => {
            if (!(thrown instanceof NoAnswer)) throw thrown
          })
      }
    }
  }

  /** Until all stand in one epoch again, and nothing of theirs waits. @returns seconds */
  const together = async (): Promise<number> => {
    const since = performance.now()
    const states = async (): Promise<readonly string[]> =>
      Promise.all(
        crowd.people.map(async (person) => {
          const [group] = await person.call("groups")
          return `${group?.epoch ?? ""} ${(await person.call("queued")) > WAITING_MAX ? person.name : ""}`
        }),
      )
    while (performance.now() - since < TOGETHER_MS_MAX) {
      const told = await states().catch(() => [])
      if (told.length > 0 && new Set(told).size === 1) break
      await crowd.sleep(500)
    }
    return (performance.now() - since) / 1000
  }

  const recoveries: number[] = []
  for (let round = 1; round <= restores; round++) {
    await crowd.sent(LOAD_MS_MAX)
    await crowd.sleep(run.dice.below(2000))
    const backup = `${run.folder}/backup-${round}`
    await BuiltServer.administer("backup", backup, "--data-dir", server.dataDir)
    const before = crowd.ledger.count("stored")
    await goOn()
    await server.kill()
    count.lostTexts += crowd.ledger.count("stored") - before
    const folder = `${run.folder}/server-${round}`
    await BuiltServer.administer("restore", backup, "--data-dir", folder)
    await rm(server.dataDir, { recursive: true })
    server = new BuiltServer(folder, undefined, server.port)
    await server.start()
    await crowd.sent(LOAD_MS_MAX)
    recoveries.push(await together())
    run.say(`restored ${round} times, ${crowd.online()} online; ${crowd.told()}`)
  }
  for (const person of crowd.people) await crowd.insist(() => person.call("update", groupId))
  await crowd.settle(groupId, judgeSteady)
  await server.stop()
  const node = openDatabase({ path: server.databasePath, migrations: migrationsFolder("node") })
  for (const line of faultsOf(node)) run.miss(`the server's database: ${line}`)
  node.close()
  run.figure("restored", `${restores} times; integrity_check of the last one's database: looked at`)
  run.figure(
    "stored after a backup",
    `${count.lostTexts} texts, ${count.updates} fresh keys, ${count.kills} clients killed`,
  )
})
