/** Takes docs/images/status.png: the status page in chromium, of a server that twenty people talk through. */
import { mkdtempSync, rmSync } from "node:fs"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { packageRoot } from "../core/domain/package-root.ts"
import { realWorld } from "../core/domain/world.ts"
import { openChromium } from "../test/fakes/chromium.ts"
import { ServerProcess } from "../test/fakes/server-process.ts"
import { HonestPeople } from "../test/rough/abuse-honest.ts"

const PAIRS = 10
const TALK_MS = 90_000
/** So often somebody says something; now and then nobody does. */
const EVERY_MS = [800, 200, 2000, 400]

const folder = mkdtempSync(join(tmpdir(), "qpq-status-"))
const server = await ServerProcess.start(join(folder, "server"), "--rate-limit", "off")
const browser = await openChromium()
const page = await browser.newPage({ viewport: { width: 1440, height: 1100 }, colorScheme: "dark" })
await page.goto(server.healthUrl)
const people = await HonestPeople.open(server.address, PAIRS)
const over = AbortSignal.timeout(2 * TALK_MS)
for (const everyMs of EVERY_MS) await people.talk(`every ${everyMs} ms`, TALK_MS / EVERY_MS.length, everyMs, over)
await realWorld.clock.sleep(2000)
await page.screenshot({ path: join(packageRoot(), "docs", "images", "status.png"), fullPage: true })
await people.close()
await browser.close()
await server.stop()
rmSync(folder, { recursive: true, force: true })
process.exit(0)
