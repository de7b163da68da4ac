/** Driven clients of one server and what they are owed: gathered, put into a group, brought to rest and judged. */
import { setTimeout as delay } from "node:timers/promises"
import type { BuiltServer } from "./built-server.ts"
import { faultsOf, judge } from "./checker.ts"
import type { ProfileRecord, Verdict } from "./checker.ts"
import { builtDriver, Driven } from "./driven.ts"
import type { DriverSetting } from "./driven.ts"
import { inLanes } from "./lanes.ts"
import { Ledger } from "./ledger.ts"
import { openProfile, recordOf } from "./profile-record.ts"
import type { ProfilePlace } from "./profile-record.ts"
import type { Programme } from "./programme.ts"

const SETTLE_MS_MAX = 90_000
const POLL_MS = 20
const AGAIN_MS = 200
const FAULTS_SHOWN = 20

export interface CrowdOptions {
  readonly server: Pick<BuiltServer, "address">
  readonly names: readonly string[]
  readonly liveness: DriverSetting["liveness"]
}

type Run = Programme<unknown>

/** Somebody else in the group, who is no driver. */
export interface Guest {
  readonly place: ProfilePlace
  /** Reads all and sends all. */
  rest(): Promise<void>
}

export class Crowd {
  readonly ledger = new Ledger()
  readonly people: Driven[] = []
  readonly guests: Guest[] = []
  readonly #run: Run
  #founder = ""

  private constructor(run: Run) {
    this.#run = run
  }

  /** Registers all, two at a time. */
  static async gather(run: Run, { server, names, liveness }: CrowdOptions): Promise<Crowd> {
    const crowd = new Crowd(run)
    const driver = await builtDriver()
    run.onEnd(() => driver.remove())
    run.onEnd(() => Promise.all(crowd.people.map((person) => person.kill())))
    for (const name of names) {
      const place = crowd.placeOf(name)
      const to = { server: server.address, driver: driver.path, ledger: crowd.ledger, liveness }
      crowd.people.push(new Driven({ ...place, ...to }))
    }
    await inLanes(crowd.people, 2, (person) => person.start())
    return crowd
  }

  person(name: string): Driven {
    const found = this.people.find((one) => one.name === name)
    if (!found) throw new Error(`nobody is called ${name}`)
    return found
  }

  /** A group of these, made by the first of them, in which all are. @returns its id. */
  async group(names: readonly string[]): Promise<string> {
    const [founder = "", ...others] = names
    this.#founder = founder
    const { groupId } = await this.person(founder).call("createGroup", "team", "hybrid")
    await this.person(founder).call("invite", groupId, others)
    for (const name of others) {
      await this.person(name).call("sync", 15_000)
      await this.person(name).call("accept", groupId)
    }
    return groupId
  }

  sleep(ms: number): Promise<void> {
    return delay(ms, undefined, { signal: this.#run.signal })
  }

  /** Resolves when the server has acknowledged one more text, or after `msMax`. */
  async sent(msMax: number): Promise<void> {
    const before = this.ledger.count("stored")
    const giveUpAt = performance.now() + msMax
    while (this.ledger.count("stored") === before && performance.now() < giveUpAt) await this.sleep(POLL_MS)
  }

  /** Whose link is up, of all. */
  online(): string {
    return `${this.people.filter(({ link }) => link === "online").length}/${this.people.length}`
  }

  told(): string {
    const { ledger } = this
    return `${ledger.all.length} texts acknowledged, ${ledger.count("stored")} of them by the server`
  }

  /** Everybody falls silent, reads all and sends all; then the databases are held against what was acknowledged. */
  async settle(groupId: string, judged = judge): Promise<Verdict> {
    for (const person of this.people) person.talk(groupId, 0)
    await this.sleep(500)
    const giveUpAt = performance.now() + SETTLE_MS_MAX
    // Twice: what the last one sends the first one reads.
    for (let round = 0; round < 2; round++) {
      for (const person of this.people) await this.#rest(person, giveUpAt)
      for (const guest of this.guests) await guest.rest()
    }
    for (const person of this.people) await person.stop()
    return this.examine(groupId, judged)
  }

  async examine(groupId: string, judged = judge): Promise<Verdict> {
    const records: ProfileRecord[] = []
    const places = [...this.people.map(({ name }) => this.placeOf(name)), ...this.guests.map(({ place }) => place)]
    for (const place of places) records.push(recordOf(await openProfile(place), place.name, groupId))
    this.#run.say(`${records.length} databases are held against what was acknowledged`)
    const verdict = judged({ founder: this.#founder, said: this.ledger.all, records })
    const faults = faultsOf(verdict)
    for (const fault of faults.slice(0, FAULTS_SHOWN)) this.#run.miss(fault)
    if (faults.length > FAULTS_SHOWN) this.#run.miss(`and ${faults.length - FAULTS_SHOWN} more faults`)
    const { lost, doubled, forks, damage, leaked, delivered, reads, givenUp } = verdict
    this.#run.figure("acknowledged", `${this.told()}; ${givenUp} told as undeliverable to who was removed`)
    this.#run.figure("delivered", `${delivered} texts, read ${reads} times by those entitled`)
    this.#run.figure(
      "faults",
      `${lost.length} lost, ${doubled.length} doubled, ${forks.length} forks, ${damage.length} damage, ${leaked.length} leaked`,
    )
    for (const { name, troubles } of this.people)
      if (troubles.size > 0) this.#run.figure(`troubles of ${name}`, JSON.stringify([...troubles]))
    return verdict
  }

  /** Asks until it is done: who was cut off a moment ago may have to come back first. */
  async insist<T>(ask: () => Promise<T>, giveUpAt = performance.now() + SETTLE_MS_MAX): Promise<T> {
    for (;;) {
      try {
        return await ask()
      } catch (thrown) {
        if (performance.now() > giveUpAt) throw thrown
      }
      await this.sleep(AGAIN_MS)
    }
  }

  #rest(person: Driven, giveUpAt: number): Promise<void> {
    return this.insist(async () => {
      await person.call("sync", 15_000)
      // An invitation whose sender was killed before it was answered arrives all the same.
      const hidden = (await person.call("groups")).filter(({ status }) => status === "hidden")
      for (const { groupId } of hidden) await person.call("accept", groupId)
      if ((await person.call("queued")) > 0) throw new Error(`${person.name} does not come to rest`)
    }, giveUpAt)
  }

  placeOf(name: string): ProfilePlace {
    return { name, home: `${this.#run.folder}/${name}`, password: `pw-${name}` }
  }
}
