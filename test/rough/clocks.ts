/**
 * Wall clocks that are wrong (QUALITY.md T10): of the server or of a client, a year ahead or behind or an hour back, while they
 * run. Nothing dies or is refused without its code, numbers of mailboxes never go back, and with the right time again all goes on.
 * Run: npm run clocks
 */
import { ClockRoom } from "./clock-room.ts"
import { programme } from "./programme.ts"

const HOUR_MS = 3_600_000
const YEAR_MS = 365 * 24 * HOUR_MS
const SHIFTS = { "a year ahead": YEAR_MS, "a year behind": -YEAR_MS, "an hour back": -HOUR_MS } as const
const WHO = ["server", "alice", "bob"] as const

const flags = { seed: 0, case: "" }

await programme({ name: "clocks", flags, minutesMax: 30 }, async (run) => {
  for (const who of WHO)
    for (const [name, shiftMs] of Object.entries(SHIFTS)) {
      const label = `${who} ${name}`
      if (run.flags.case !== "" && !label.includes(run.flags.case)) continue
      const room = await ClockRoom.open(run, label)
      await room.lives(who, shiftMs)
      await room.close()
    }
})
