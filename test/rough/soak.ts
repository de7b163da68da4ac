/** Many clients talk for long, come and go: nothing is lost, and nothing that the server uses grows (QUALITY.md T17). Run: npm run soak */
import { realWorld } from "../../core/domain/world.ts"
import { BuiltServer } from "./built-server.ts"
import type { Verdict } from "./checker.ts"
import { Crowd } from "./crowd.ts"
import { NoAnswer } from "./driven.ts"
import type { Driven } from "./driven.ts"
import { programme } from "./programme.ts"
import type { Programme } from "./programme.ts"
import { grownBy, rangeOf, soakSample, soakTable, trendOf } from "./soak-watch.ts"
import type { SoakSample } from "./soak-watch.ts"

/** As the app has it (docs/decisions/0008). */
const LIVENESS = { keepAliveMs: 3000, idleMs: 8000 }
const TEAM_MAX = 10
const AWAY_MS_MAX = 5000
/** A slope of fewer minutes says more about the warm-up than about the server. */
const SLOPE_MINUTES_MIN = 30
const RSS_MIB_PER_HOUR_MAX = 1
/** What comes and goes with a request to the sidecar. */
const DESCRIPTORS_NOISE = 3
/**
 * SQLite writes the log back at 1,000 pages of 4 KiB, and the store's thread is its only connection, so that each time all of
 * it can go back and the next transaction begins anew: 4 MiB and one transaction, for which as much is allowed.
 */
const WAL_MIB_MAX = 8
/** For registrations, coming to rest and looking at all databases. */
const BESIDES_MINUTES = 30

const flags = { minutes: 30, clients: 50, rate: 20, "churn-s": 5, "sample-s": 10, seed: 0 }
type Run = Programme<typeof flags>

interface Team {
  readonly crowd: Crowd
  readonly groupId: string
  readonly names: readonly string[]
}

const churn = { killed: 0, closed: 0, renewed: 0, removed: 0, invited: 0, unanswered: new Map<string, number>() }

await programme({ name: "soak", flags, minutesMax: ({ minutes }) => minutes + BESIDES_MINUTES }, async (run) => {
  const { minutes, clients, rate, "sample-s": sampleS } = run.flags
  if (clients < 3) throw new Error("--clients is at least 3: somebody stays, somebody dies, somebody is removed")
  const server = new BuiltServer(`${run.folder}/server`, ["--supervise", "yes"])
  run.onEnd(() => server.stop())
  await server.start()
  const teams = await teamsOf(run, server)
  const people = teams.flatMap(({ crowd }) => crowd.people)
  const everyMs = (1000 * people.length) / rate
  for (const team of teams) for (const person of team.crowd.people) person.talk(team.groupId, everyMs)
  run.say(`${people.length} clients in ${teams.length} groups talk for ${minutes} minutes`)
  const since = performance.now()
  const isOver = (): boolean => performance.now() - since > minutes * 60_000
  const samples: SoakSample[] = []
  const keepSampling = async (): Promise<void> => {
    while (!isOver()) {
      await pause(run, sampleS * 1000)
      samples.push(await soakSample(server, pidsOf(people), since))
      if (samples.length % 6 === 0) run.say(soakTable(samples.slice(-1))[1] ?? "")
    }
  }
  const keepChurning = async (team: Team): Promise<void> => {
    while (!isOver()) {
      // Each team at its own times, together as often as was asked for.
      await pause(run, 2 * run.flags["churn-s"] * 1000 * teams.length * (run.dice.below(1000) / 1000))
      await churnOnce(run, team, everyMs)
    }
  }
  await Promise.all([keepSampling(), ...teams.map(keepChurning)])
  const talkedS = (performance.now() - since) / 1000
  const said = teams.reduce((sum, { crowd }) => sum + crowd.ledger.all.length, 0)
  const verdicts: Verdict[] = []
  for (const { crowd, groupId } of teams) verdicts.push(await crowd.settle(groupId))
  report(run, samples)
  tell(run, verdicts, { said, talkedS })
})

async function teamsOf(run: Run, server: BuiltServer): Promise<readonly Team[]> {
  const count = Math.ceil(run.flags.clients / TEAM_MAX)
  const teams: Team[] = []
  for (let team = 0; team < count; team++) {
    const size = Math.floor((run.flags.clients + team) / count)
    const names = Array.from({ length: size }, (_, at) => `team${team}person${at}`)
    const named = { ...run, figure: (what: string, value: string) => run.figure(`group ${team + 1}: ${what}`, value) }
    const crowd = await Crowd.gather(named, { server, names, liveness: LIVENESS })
    teams.push({ crowd, names, groupId: await crowd.group(names) })
    run.say(`${names.length} clients are in group ${team + 1} of ${count}`)
  }
  return teams
}

/** Somebody is killed or closes, and comes back; keys are renewed; the last of the team is removed or invited again. */
async function churnOnce(run: Run, { crowd, groupId, names }: Team, everyMs: number): Promise<void> {
  const deed = run.dice.below(4)
  const steady = crowd.person(names[0] ?? "")
  const goingOn = async (victim: Driven): Promise<void> => {
    await pause(run, run.dice.below(AWAY_MS_MAX))
    await victim.start()
    victim.talk(groupId, everyMs)
  }
  // Never the first, who changes the group.
  const victim = crowd.people[1 + run.dice.below(crowd.people.length - 1)] ?? steady
  if (deed === 0) {
    churn.killed++
    await victim.kill()
    await goingOn(victim)
  } else if (deed === 1) {
    churn.closed++
    await victim.stop()
    await goingOn(victim)
  } else
    await (deed === 2 ? renew(steady, groupId) : guestMoves(crowd, names.at(-1) ?? "", { steady, groupId })).catch(
      (thrown: unknown) => {
        if (!(thrown instanceof NoAnswer)) throw thrown
        churn.unanswered.set(thrown.code, (churn.unanswered.get(thrown.code) ?? 0) + 1)
      },
    )
}

async function renew(by: Driven, groupId: string): Promise<void> {
  await by.call("update", groupId)
  churn.renewed++
}

async function guestMoves(
  crowd: Crowd,
  name: string,
  { steady, groupId }: { readonly steady: Driven; readonly groupId: string },
): Promise<void> {
  const guest = crowd.person(name)
  const isInside = (await steady.call("members", groupId)).some((member) => member.name === name)
  if (isInside) {
    await steady.call("remove", groupId, name)
    churn.removed++
    return
  }
  await steady.call("invite", groupId, [name])
  churn.invited++
  await guest.call("sync", 15_000)
  const [group] = await guest.call("groups")
  if (group?.status === "hidden") await guest.call("accept", groupId)
}

/** Ends early with the programme. */
function pause(run: Run, ms: number): Promise<void> {
  return realWorld.clock.sleep(ms, run.signal)
}

function pidsOf(people: readonly Driven[]): readonly number[] {
  return people.map(({ pid }) => pid).filter((pid) => pid !== undefined)
}

function report(run: Run, samples: readonly SoakSample[]): void {
  for (const line of soakTable(samples)) run.say(line)
  const rss = trendOf(samples, "rssMib")
  const isLong = run.flags.minutes >= SLOPE_MINUTES_MIN
  const judged = isLong ? `goal < ${RSS_MIB_PER_HOUR_MAX}` : `not judged: fewer than ${SLOPE_MINUTES_MIN} minutes`
  const shown = ({ slope, lower, upper }: typeof rss): string =>
    `${slope.toFixed(2)} per hour, 95 % between ${lower.toFixed(2)} and ${upper.toFixed(2)}`
  run.figure("RSS, MiB", `${shown(rss)} (${judged}); first, last, most: ${ranged(samples, "rssMib")}`)
  run.figure("JavaScript heap, MiB", `${shown(trendOf(samples, "heapMib"))}; ${ranged(samples, "heapMib")}`)
  run.figure("parent's RSS, MiB", `${shown(trendOf(samples, "parentRssMib"))}; ${ranged(samples, "parentRssMib")}`)
  run.figure("clients' RSS, MiB", ranged(samples, "clientsRssMib"))
  const descriptors = trendOf(samples, "descriptors")
  const grown = grownBy(samples, "descriptors")
  run.figure("descriptors", `${shown(descriptors)}; first, last, most: ${ranged(samples, "descriptors")}`)
  run.figure("mailbox rows", ranged(samples, "mailRows"))
  run.figure("event loop p99, ms", ranged(samples, "loopMs"))
  const walMib = rangeOf(samples, "walMib")[2]
  run.figure("WAL, MiB", `at most ${walMib.toFixed(2)} (bound ${WAL_MIB_MAX})`)
  if (samples.length < 2) run.miss("too few samples")
  if (isLong && !(rss.lower <= RSS_MIB_PER_HOUR_MAX)) run.miss(`RSS grows by ${shown(rss)} MiB`)
  if (descriptors.lower > 0 && grown > DESCRIPTORS_NOISE) run.miss(`descriptors grew by ${grown}`)
  if (walMib > WAL_MIB_MAX) run.miss(`the WAL grew to ${walMib.toFixed(1)} MiB`)
}

function ranged(samples: readonly SoakSample[], column: keyof SoakSample): string {
  return rangeOf(samples, column)
    .map((value) => value.toFixed(1))
    .join(", ")
}

interface Said {
  readonly said: number
  readonly talkedS: number
}

/** Losses and doubles of each group are missed by its crowd; here is their sum. */
function tell(run: Run, verdicts: readonly Verdict[], { said, talkedS }: Said): void {
  const sum = (of: (verdict: Verdict) => number): number => verdicts.reduce((all, verdict) => all + of(verdict), 0)
  const { killed, closed, renewed, removed, invited, unanswered } = churn
  run.figure(
    "churn",
    `${killed} killed, ${closed} closed, ${renewed} renewals, ${removed} removed, ${invited} invited again; not answered: ${JSON.stringify([...unanswered])}`,
  )
  const delivered = sum((verdict) => verdict.delivered)
  const [lost, doubled] = [sum((verdict) => verdict.lost.length), sum((verdict) => verdict.doubled.length)]
  run.figure(
    "messages",
    `${said} sent (${(said / talkedS).toFixed(1)}/s), ${delivered} delivered, read ${sum(({ reads }) => reads)} times, ${lost} lost, ${doubled} doubled, ${sum(({ givenUp }) => givenUp)} told as undeliverable`,
  )
  if (delivered === 0) run.miss("nobody said anything")
}
