/** Fifty people by the command line in one group, ten of them changing it at once (real processes). Run: npm run fifty */
import { BuiltServer } from "./built-server.ts"
import { faultsOf, judge } from "./checker.ts"
import type { ProfileRecord, RecordedRow } from "./checker.ts"
import { inLanes } from "./lanes.ts"
import { Ledger } from "./ledger.ts"
import { openProfile, recordOf } from "./profile-record.ts"
import type { ProfilePlace } from "./profile-record.ts"
import { programme } from "./programme.ts"
import { QpqProcesses } from "./qpq-process.ts"

const LANES = 2
const GROUP = "all"
const SENDERS = 2
/** Told as "changed too often meanwhile": may be tried again, as a person would. */
const TRY_AGAIN = 75

const flags = { people: 50, committers: 10, tiny: false, seed: 0 }

await programme({ name: "fifty", flags, minutesMax: 20 }, async (run) => {
  const { people, committers, tiny } = run.flags
  const server = new BuiltServer(`${run.folder}/server`)
  const qpq = new QpqProcesses(tiny)
  run.onEnd(() => server.kill())
  run.onEnd(() => qpq.kill())
  await server.start()
  const place = (name: string): ProfilePlace => ({ name, home: `${run.folder}/${name}`, password: `pw-${name}` })
  const ledger = new Ledger()
  /** Texts that `qpq recv` printed, by person. */
  const printed = new Map<string, string[]>()
  const timed = async <T>(what: string, step: Promise<T>): Promise<T> => {
    const since = performance.now()
    const result = await step
    const took = `${((performance.now() - since) / 1000).toFixed(1)} s`
    run.say(`${what}: ${took}`)
    run.figure(what, took)
    return result
  }
  const recv = async (name: string): Promise<number> => {
    const { json } = await qpq.done(place(name), ["recv"])
    const texts = json.filter(({ type }) => type === "message").map(({ text }) => String(text))
    printed.set(name, [...(printed.get(name) ?? []), ...texts])
    return texts.length
  }
  const note = (name: string, text: string, json: readonly Readonly<Record<string, unknown>>[]): void => {
    const sent = json.find(({ type }) => type === "sent")
    if (!sent) throw new Error(`${name} was not told that it was sent: ${text}`)
    ledger.queued(name, { id: String(sent["id"]), text })
    if (sent["state"] === "stored") ledger.delivered(String(sent["id"]), "stored")
  }
  const say = async (name: string, text: string): Promise<void> => {
    note(name, text, (await qpq.done(place(name), ["send", GROUP, text])).json)
  }

  const first = Array.from({ length: people }, (_, at) => `person${at}`)
  const acts = Array.from({ length: committers }, (_, at) => (["update", "remove", "invite"] as const)[at % 3]!)
  const newcomers = acts.flatMap((act, at) => (act === "invite" ? [`newcomer${at}`] : []))
  // From the end: the founder, the committers and the speakers stay.
  const victims = acts.filter((act) => act === "remove").map((_, at) => `person${people - 1 - at}`)
  if (committers + SENDERS + victims.length > people) throw new Error("too few people for so many committers")
  const speakers = first.slice(committers, committers + SENDERS)
  const register = (name: string) => qpq.done(place(name), ["register-user", name, "--server", server.address])
  await timed(`${people + newcomers.length} register`, inLanes([...first, ...newcomers], LANES, register))
  const [founder = "", ...others] = first
  const { json } = await qpq.done(place(founder), ["create-group", GROUP])
  const groupId = String(json[0]?.["groupId"])
  await timed(`one commit adds ${others.length}`, qpq.done(place(founder), ["invite", GROUP, ...others]))
  await timed(
    "all join",
    inLanes(others, LANES, (name) => qpq.done(place(name), ["join", GROUP])),
  )
  for (const name of speakers) await say(name, `before, ${name}`)

  const orders = acts.map((act, at) => {
    const whom = { update: [], remove: victims.slice((at - 1) / 3), invite: [`newcomer${at}`] }[act].slice(0, 1)
    return { name: first[at] ?? "", argv: [act, GROUP, ...whom] }
  })
  const commits = orders.map(({ name, argv }) => ({ name, argv, held: qpq.held(place(name), argv) }))
  const talks = speakers.map((name) => {
    const text = `between, ${name}`
    return { name, text, held: qpq.held(place(name), ["send", GROUP, text]) }
  })
  const since = performance.now()
  const talking = talks.map(async ({ name, text, held }) => note(name, text, (await held.release()).json))
  const committing = commits.map(async ({ name, argv, held }) => {
    const end = await held.release()
    run.say(
      `${name}: ${argv.join(" ")}: ${end.status}, epoch ${String(end.json[0]?.["epoch"])}, ${Math.round(end.ms)} ms`,
    )
    if (end.status === TRY_AGAIN) await qpq.done(place(name), argv)
    else if (end.status !== 0) throw new Error(`${name}: qpq ${argv.join(" ")}: ${end.stderr}`)
    return end
  })
  const ends = await Promise.all([...committing, ...talking]).then(() => Promise.all(committing))
  const again = ends.filter(({ status }) => status === TRY_AGAIN).length
  run.figure(
    `${committers} commits at once`,
    `all in after ${((performance.now() - since) / 1000).toFixed(1)} s; asked again by hand: ${again}`,
  )

  await timed(
    "newcomers join",
    inLanes(newcomers, LANES, (name) => qpq.done(place(name), ["join", GROUP])),
  )
  const everybody = [...first, ...newcomers]
  await timed("all read: one epoch", inLanes(everybody, LANES, recv))
  for (const name of speakers) await say(name, `after, ${name}`)
  const counts = await inLanes(everybody, LANES, recv)
  for (const [at, name] of everybody.entries())
    if (victims.includes(name) && counts[at] !== 0) run.miss(`${name}, removed, reads on`)

  const records: ProfileRecord[] = []
  for (const name of everybody) records.push(recordOf(await openProfile(place(name)), name, groupId))
  const verdict = judge({ founder, said: ledger.all, records })
  const inside = records.filter(({ status, epoch }) => status === "active" && epoch === verdict.epoch)
  const expected = people - victims.length + newcomers.length
  const misses = [
    ...faultsOf(verdict),
    ...records.flatMap((record) => wronglyPrinted(record, printed.get(record.name) ?? [])),
    ...(inside.length === expected ? [] : [`${inside.length} are in epoch ${verdict.epoch}, not ${expected}`]),
    ...records
      .filter(({ name, rows }) => newcomers.includes(name) && rows.some(isEarly))
      .map(({ name }) => `${name}, added later, reads back`),
  ]
  misses.forEach(run.miss)
  run.figure("in the end", `${inside.length} people in epoch ${verdict.epoch}, with one secret`)
  run.figure("messages", `${verdict.delivered} said, read ${verdict.reads} times, each once by those entitled`)
})

function isEarly({ body }: RecordedRow): boolean {
  return body.startsWith("before")
}

/** What `recv` printed is what the database has of others, each once. */
function wronglyPrinted({ name, rows }: ProfileRecord, shown: readonly string[]): readonly string[] {
  const has = rows.filter(({ kind, own }) => kind === "text" && !own).map(({ body }) => body)
  if (has.toSorted().join("\n") === shown.toSorted().join("\n")) return []
  return [`${name} has ${JSON.stringify(has)}, but recv printed ${JSON.stringify(shown)}`]
}
