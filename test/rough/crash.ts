/** kill -9 of server and clients under load (QUALITY.md T1): nothing acknowledged is lost or shown twice. Run: npm run crash */
import { faultsOf } from "../../core/sqlite/copy.ts"
import { openDatabase } from "../../core/sqlite/open.ts"
import { migrationsFolder } from "../../core/domain/package-root.ts"
import { BuiltServer } from "./built-server.ts"
import { CommandPerson } from "./command-person.ts"
import { Crowd } from "./crowd.ts"
import type { Driven } from "./driven.ts"
import { NoAnswer } from "./driven.ts"
import { programme } from "./programme.ts"
import { openProfile, recordOf } from "./profile-record.ts"
import { QpqProcesses } from "./qpq-process.ts"

/** Tighter than in the app, so that more kills come under load. */
const LIVENESS = { keepAliveMs: 400, idleMs: 1500 }
const STEADY = ["alice", "bob", "carol"]
/** Comes and goes. */
const GUEST = "dave"

/** The server is killed under load: not before it has taken something in this life, or this long after its start. */
const LOAD_MS_MAX = 10_000

const flags = { kills: 100, "pause-ms": 1500, "talk-ms": 500, "ready-ms-max": 1000, seed: 0 }

await programme({ name: "crash", flags, minutesMax: 55 }, async (run) => {
  const { kills, "pause-ms": pauseMs, "talk-ms": talkMs, "ready-ms-max": readyMsMax } = run.flags
  const server = new BuiltServer(`${run.folder}/server`)
  run.onEnd(() => server.kill())
  await server.start()
  const crowd = await Crowd.gather(run, { server, names: [...STEADY, GUEST], liveness: LIVENESS })
  const groupId = await crowd.group(STEADY)
  run.say(
    `${STEADY.length + 1} clients talk, and one by commands; ${kills} kills of the server and ${kills} of clients`,
  )
  const qpq = new QpqProcesses(true)
  run.onEnd(() => qpq.kill())
  const erin = new CommandPerson({ place: crowd.placeOf("erin"), qpq, ledger: crowd.ledger, group: "team" })
  await erin.join(server.address)
  await crowd.person("alice").call("invite", groupId, ["erin"])
  await qpq.done(erin.place, ["join"])
  crowd.guests.push(erin)
  erin.start()
  const steady = crowd.people.filter(({ name }) => name !== GUEST)
  const talk = (person: Driven): void => person.talk(groupId, talkMs)
  for (const person of steady) talk(person)

  const pause = (ms: number): Promise<void> => crowd.sleep(run.dice.below(ms))
  let left = { server: kills, clients: kills }
  const count = { commits: 0, lost: new Map<string, number>() }
  const isOver = (): boolean => left.server === 0 && left.clients === 0

  const killServer = async (): Promise<void> => {
    while (left.server > 0) {
      await crowd.sent(LOAD_MS_MAX)
      await pause(pauseMs)
      await server.kill()
      await pause(200)
      await server.start()
      left = { ...left, server: left.server - 1 }
      if (left.server % 10 === 0) run.say(`server: ${left.server} kills left; ${crowd.told()}`)
    }
  }
  const killClients = async (): Promise<void> => {
    while (left.clients > 0) {
      await pause(2 * pauseMs)
      // One more than there are drivers: the one of the command line.
      const victim = crowd.people[run.dice.below(crowd.people.length + 1)]
      await (victim ?? erin).kill()
      await pause(200)
      if (!victim) erin.start()
      else await victim.start().then(() => talk(victim))
      left = { ...left, clients: left.clients - 1 }
      if (left.clients % 10 === 0) run.say(`clients: ${left.clients} kills left; ${crowd.told()}`)
    }
  }
  /** Somebody steady renews keys, or invites or removes the guest: whatever dies meanwhile. */
  const commit = async (): Promise<void> => {
    const by = steady[run.dice.below(steady.length)] ?? steady[0]!
    const guest = crowd.person(GUEST)
    const isInside = (await by.call("members", groupId)).some(({ name }) => name === GUEST)
    if (run.dice.below(2) === 0) await by.call("update", groupId)
    else if (isInside) await by.call("remove", groupId, GUEST)
    else await by.call("invite", groupId, [GUEST])
    count.commits++
    await guest.call("sync", 5000)
    const [group] = await guest.call("groups")
    if (group?.status === "hidden") await guest.call("accept", groupId)
    talk(guest)
  }
  const keepCommitting = async (): Promise<void> => {
    while (!isOver()) {
      await pause(pauseMs)
      await commit().catch((thrown: unknown) => {
        if (!(thrown instanceof NoAnswer)) throw thrown
        count.lost.set(thrown.code, (count.lost.get(thrown.code) ?? 0) + 1)
      })
    }
  }
  const keepSaying = async (): Promise<void> => {
    while (!isOver()) await erin.say().then(() => pause(pauseMs))
  }
  // Two, so that commits race too.
  await Promise.all([killServer(), killClients(), keepCommitting(), keepCommitting(), keepSaying()])
  run.say(`all kills are done; ${crowd.told()}`)
  // Whatever was left half done, each can change the group again.
  for (const person of steady) await crowd.insist(() => person.call("update", groupId))
  const verdict = await crowd.settle(groupId)
  const own = recordOf(await openProfile(erin.place), "erin", groupId)
  const others = own.rows.filter((row) => row.kind === "text" && !row.own).map(({ body }) => body)
  for (const fault of erin.misprinted(others)) run.miss(fault)
  await server.stop()
  const node = openDatabase({ path: server.databasePath, migrations: migrationsFolder("node") })
  for (const line of faultsOf(node)) run.miss(`the server's database: ${line}`)
  node.close()
  const restarts = server.startsMs.slice(1)
  const worst = Math.max(...restarts)
  if (worst >= readyMsMax) run.miss(`the server took ${Math.round(worst)} ms to be ready again`)
  run.figure("kills", `${kills} of the server, ${kills} of clients`)
  run.figure(
    "server ready again",
    `median ${median(restarts)} ms, worst ${Math.round(worst)} ms (goal < ${readyMsMax}); its own work: median ${median(server.startsCpuMs)} ms`,
  )
  run.figure(
    "commits",
    `${count.commits} answered, ${verdict.epoch} epochs; not answered: ${JSON.stringify([...count.lost])}`,
  )
})

function median(values: readonly number[]): number {
  return Math.round(values.toSorted((a, b) => a - b)[values.length >> 1] ?? Number.NaN)
}
