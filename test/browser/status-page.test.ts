/** The status page in a real browser, of a real server that somebody uses (optional: Debian package chromium). */
import type { Browser, Page } from "playwright-core"
import { afterAll, beforeAll, describe, expect, test } from "vitest"
import { hasChromium, openChromium } from "../fakes/chromium.ts"
import { fetchOf, fresh, joined, letterTo } from "../fakes/node-device.ts"
import { dataFolder, ServerProcess } from "../fakes/server-process.ts"

const SHOWS_MS_MAX = 20_000

describe.skipIf(!hasChromium)("the status page in chromium", () => {
  const folder = dataFolder()
  let server: ServerProcess
  let browser: Browser
  beforeAll(async () => {
    ;[server, browser] = [await ServerProcess.start(folder.path), await openChromium()]
  })
  afterAll(async () => {
    await browser.close()
    await server.stop("SIGKILL")
    folder.remove()
  })

  const tile = (page: Page, title: string) => page.locator("#tiles div", { hasText: title }).locator("strong")

  test("shows what the server does, moment by moment, without anything from elsewhere", async () => {
    const page = await browser.newPage()
    const [asked, complaints]: [string[], string[]] = [[], []]
    page.on("request", (request) => asked.push(new URL(request.url()).origin))
    page.on("console", (message) => complaints.push(message.text()))
    page.on("pageerror", (error) => complaints.push(error.message))
    await page.goto(server.healthUrl)
    await page.locator("#state.well", { hasText: "serving" }).waitFor({ timeout: SHOWS_MS_MAX })
    const { node, door, connection } = await server.dial()
    const { identity, auth } = await joined(door, "somebody")
    const own = await server.dial(auth)
    await own.node.fetchHybridKeys([])
    await own.node.enqueue(letterTo(identity.deviceKey, { payload: fresh(300_000) }))
    await own.node.fetch(fetchOf(identity.deviceKey))
    await node.health()
    // Asked for anew at most every five seconds.
    for (const [title, value] of [
      ["accounts", "1"],
      ["devices", "1"],
      ["rows waiting", "1"],
      ["replaced processes", "0"],
    ] as const) {
      await tile(page, title).filter({ hasText: value }).waitFor({ timeout: SHOWS_MS_MAX })
    }
    const mailIn = page.locator("section", { hasText: "Sealed payloads" }).locator("canvas")
    expect(await mailIn.count()).toBe(1)
    expect(await page.locator("section canvas").count()).toBeGreaterThan(10)
    expect(await page.locator("#version").textContent()).toMatch(/^\d+\.\d+\.\d+/)
    expect(new Set(asked)).toEqual(new Set([server.healthUrl]))
    expect(complaints).toEqual([])
    connection.close(0, "done")
    own.connection.close(0, "done")
  })

  test("says when nobody answers any more", async () => {
    const page = await browser.newPage()
    const other = dataFolder()
    const shortLived = await ServerProcess.start(other.path)
    await page.goto(`${shortLived.healthUrl}/status`)
    await page.locator("#state.well").waitFor({ timeout: SHOWS_MS_MAX })
    await shortLived.stop("SIGKILL")
    await page.locator("#state.ill", { hasText: "no answer" }).waitFor({ timeout: SHOWS_MS_MAX })
    other.remove()
  })
})
