/**
 * A server that lies at random about mail and about people (QUALITY.md T13): nothing forged is shown, nothing twice, what is
 * held back is told of, and no lie about people lets anybody in. Run: npm run hostile-server
 */
import { house } from "../fakes/house.ts"
import type { Person } from "../fakes/person.ts"
import type { Envelope } from "../../core/contract/node-service.ts"
import { codeOfAsync } from "../fakes/refusal.ts"
import { DIRECTORY_LIES, lyingFetch, MAIL_LIES } from "./hostile-lies.ts"
import { programme } from "./programme.ts"
import type { Programme } from "./programme.ts"

const flags = { rounds: 200, seed: 0 }
const KEPT_ROWS = 40

interface People {
  readonly speaker: Person
  readonly victim: Person
  readonly operator: Person
  readonly groupId: string
}

/**
 * What is put in a row's place can hide that row: an unknown tag waits for its epoch, and mail that was held back before
 * opens (docs/KNOWN.md). That nothing forged is shown holds all the same.
 */
const HIDING: readonly string[] = ["damaged", "in another's place"]

await programme({ name: "hostile-server", flags, minutesMax: 20 }, async (run) => {
  const here = await house()
  run.onEnd(() => here.close())
  const [speaker, victim] = [await here.settle("alice"), await here.settle("bob")]
  const operator = await here.settle("mallory")
  const { groupId } = await speaker.session.createGroup("team", "hybrid")
  await speaker.session.invite(groupId, ["bob"])
  await victim.sync()
  await victim.session.accept(groupId)
  const people = { speaker, victim, operator, groupId }
  await mailLies(run, people)
  await directoryLies(run, people, here)
})

/** Each round some texts, some of them under a lie; then the truth, and what is shown is compared with what was said. */
async function mailLies(run: Programme<typeof flags>, { speaker, victim, groupId }: People): Promise<void> {
  const names = Object.keys(MAIL_LIES)
  const told = new Map<string, Map<string, number>>(names.map((name) => [name, new Map()]))
  const said: string[] = []
  let earlier: readonly Envelope[] = []
  let missing = 0
  for (let round = 0; round < run.flags.rounds; round++) {
    run.signal.throwIfAborted()
    const name = names[round % names.length]!
    for (let count = 0; count < 3; count++) {
      said.push(`round ${round}, text ${count}`)
      await speaker.session.send(groupId, said.at(-1)!)
    }
    await speaker.sync()
    victim.troubles.length = 0
    const seen: Envelope[] = []
    const lie = lyingFetch(MAIL_LIES[name]!, earlier, run.dice)
    victim.tampering.fetch = async (ask, request) => {
      const honest = await ask(request)
      seen.push(...honest.envelopes)
      return lie(async () => honest)
    }
    const outcome = await codeOfAsync(() => victim.session.sync(15_000))
    victim.tampering.fetch = undefined
    await victim.sync()
    earlier = [...earlier, ...seen].slice(-KEPT_ROWS)
    for (const code of new Set([...victim.troubles, ...(outcome === "accepted" ? [] : [outcome])]))
      told.get(name)!.set(code, (told.get(name)!.get(code) ?? 0) + 1)
    missing += await judged(run, { victim, said, name, isTold: victim.troubles.length > 0 || outcome !== "accepted" })
  }
  for (const [name, codes] of told)
    run.figure(`mail ${name}`, [...codes].map(([code, times]) => `${code} ${times}x`).join(", ") || "no harm")
  run.figure("texts said", String(said.length))
  run.figure("texts not shown in their round", String(missing))
}

interface Judged {
  readonly victim: Person
  readonly said: string[]
  readonly name: string
  readonly isTold: boolean
}

/** @returns how many of this round's texts are missing. */
async function judged(run: Programme<typeof flags>, { victim, said, name, isTold }: Judged): Promise<number> {
  const rows = (await victim.session.timeline({ limit: 1000 })).filter(({ kind }) => kind === "text")
  const shown = rows.map(({ text }) => text)
  const known = new Set(said)
  if (rows.some(({ text, sender }) => !known.has(text) || sender !== "alice"))
    run.miss(`${name}: something forged is shown`)
  if (new Set(shown).size !== shown.length) run.miss(`${name}: something is shown twice`)
  const missing = said.slice(-3).filter((text) => !shown.includes(text)).length
  if (missing > 0 && !isTold && !HIDING.includes(name))
    run.miss(`${name}: ${missing} of 3 are missing, and nobody was told`)
  return missing
}

async function directoryLies(
  run: Programme<typeof flags>,
  { speaker, operator }: People,
  here: Awaited<ReturnType<typeof house>>,
): Promise<void> {
  await here.settle("carol")
  const old = await (await speaker.node()).resolveUser("carol" as never)
  await here.device("carol")
  await speaker.session.devices("carol")
  for (const [name, { tell, refused }] of Object.entries(DIRECTORY_LIES)) {
    // What was asked for before is used for a minute.
    await speaker.reopen()
    const { groupId } = await speaker.session.createGroup(name, "hybrid")
    tell(speaker, operator, old)
    const code = await codeOfAsync(() => speaker.session.invite(groupId, ["carol"]))
    for (const method of ["fetchKeyPackage", "fetchHybridKeys", "resolveUser"] as const)
      speaker.tampering[method] = undefined
    run.figure(`people ${name}`, `refused with ${code}`)
    if (code !== refused) run.miss(`${name}: ${code} instead of ${refused}`)
    const members = await speaker.session.members(groupId)
    if (members.length !== 1) run.miss(`${name}: somebody was let in`)
  }
}
