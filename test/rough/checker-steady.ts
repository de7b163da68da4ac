/**
 * The checker for a group whose members never change, while its server is set back: each has every text exactly once, and
 * all end in one state. Which epochs came and went, and in which a text was read, may differ between them.
 */
import { lostBySenders, textsOf, unsent } from "./checker.ts"
import type { Evidence, ProfileRecord, Verdict } from "./checker.ts"

export function judgeSteady(evidence: Evidence): Verdict {
  const { records } = evidence
  const lost = [...lostBySenders(evidence), ...unsent(evidence)]
  const doubled: string[] = []
  let reads = 0
  const texts = [...textsOf(evidence).values()]
  for (const { body, copies } of texts) {
    for (const { name } of records) {
      const times = copies.get(name) ?? 0
      if (times === 0) lost.push(`${name} has not: ${body}`)
      if (times > 1) doubled.push(`${name} has ${times} times: ${body}`)
      reads += times
    }
  }
  const damage = records.flatMap((record) => record.damage.map((line) => `${record.name}: ${line}`))
  const epoch = Math.max(...records.map((record) => record.epoch))
  const delivered = texts.length
  const verdict = { lost, doubled, damage, leaked: [], delivered, reads: reads - delivered, givenUp: 0, epoch }
  return { ...verdict, forks: endsOf(records) }
}

function endsOf(records: readonly ProfileRecord[]): readonly string[] {
  const ends = new Set(records.map(({ epoch, authenticator }) => `${epoch} ${authenticator}`))
  return [
    ...(ends.size > 1 ? [`${ends.size} different states in the end`] : []),
    ...records.filter(({ status }) => status !== "active").map(({ name, status }) => `${name} is ${status}`),
    ...records.filter(({ isLost }) => isLost).map(({ name }) => `${name} waits to be let in again`),
  ]
}
