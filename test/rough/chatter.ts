/** Ten minutes of everything in one group, by two apps and a command line client. Run: npm run chatter -- --seconds 600 */
import { chatter } from "./chatter-talk.ts"
import { programme } from "./programme.ts"

await programme({ name: "chatter", flags: { seconds: 600, seed: 0 }, minutesMax: 30 }, async (run) => {
  const { seconds } = run.flags
  const { folder, dice, signal, say } = run
  const report = await chatter({ seconds, folder, dice, signal, say })
  for (const [kind, count] of Object.entries(report.deeds)) run.figure(kind, String(count))
  run.figure("messages in the transcript", String(report.messages))
  for (const miss of report.misses) run.miss(miss)
})
