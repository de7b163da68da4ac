/** qpq doctor: what works and what does not, each with what to do about it. */
import { statSync } from "node:fs"
import { join } from "node:path"
import { isSkewed, skewText } from "../../../core/client/clock-skew.ts"
import type { Client } from "../../../core/client/client-api.ts"
import type { GroupHealth } from "../../../core/client/group-health.ts"
import { ERRORS, QpqError, toQpqError } from "../../../core/domain/errors.ts"
import { CERTIFICATE_WARN_DAYS, DAY_MS } from "../../../core/domain/limits.ts"
import { packageVersion } from "../../../core/domain/package-root.ts"
import { cleanLine } from "../../../core/domain/safe-text.ts"
import { isSameSeries } from "../../../core/domain/versions.ts"
import type { CommandContext, Run, UnlockedBy } from "../command.ts"

const SYNC_MS = 10_000
const OTHERS_MAY = 0o077

export const doctor: Run = async (context) => {
  const failures: QpqError[] = []
  const check: Check = async (name, step) => {
    try {
      const found = await step()
      const { detail, warning } = typeof found === "string" ? { detail: found, warning: false } : found
      const word = warning ? "WARN " : "ok   "
      context.out.line(
        { type: "check", name, ok: true, detail, ...(warning && { warning }) },
        `${word} ${name}: ${detail}`,
      )
      return true
    } catch (thrown) {
      const error = toQpqError(thrown)
      failures.push(error)
      const detail = `${error.code} ${cleanLine(error.message)}. ${ERRORS[error.code].remedy}`
      context.out.line({ type: "check", name, ok: false, detail }, `FAIL  ${name}: ${detail}`)
      return false
    }
  }
  await check("profile folder", () => folder(context))
  await check("open app", () => openApp(context))
  const opened = await check("database", async () => OPENS[await context.unlock()])
  const hasAccount = opened && (await check("account", () => account(context)))
  if (hasAccount) {
    const client = await context.client()
    const online = await check("server", async () => `answers in ${Math.round(await client.ping())} ms`)
    if (online) await check("versions", () => versions(client))
    if (online) await check("certificate", () => certificate(context))
    if (online) await check("clock", () => clock(client))
    if (online) await check("mailbox", () => mailbox(context, client))
    if (online) await groups(context, client, check)
    await check("outbox", async () => `${await client.queued()} messages wait`)
  }
  const [first] = failures
  if (first) throw first
}

const OPENS: Readonly<Record<UnlockedBy, string>> = {
  password: "opens with the given password",
  app: "opens with the key of the open qpq-tui",
}

/** That there is none is no fault. */
async function openApp({ gate, sharing, signal }: CommandContext): Promise<string> {
  if (!sharing) return "not asked: --no-share"
  if (await gate.hasOpenApp(sharing, signal)) return "found: commands of this profile need no password while it is open"
  return "none found that shares this profile"
}

function folder({ config }: CommandContext): string {
  try {
    for (const path of [config.home, join(config.home, "profile.key")]) {
      if ((statSync(path).mode & OTHERS_MAY) !== 0)
        throw new QpqError("E072", `${path} is open to other users: chmod go=`)
    }
  } catch (thrown) {
    if (thrown instanceof QpqError) throw thrown
    throw new QpqError("E065", `no profile in ${config.home}`)
  }
  return `${config.home} is private`
}

function account({ gate }: CommandContext): string {
  const { name, server } = gate.account()
  return `${name} at ${server}`
}

async function versions(client: Client): Promise<Found> {
  const { software, wireVersion } = await client.serverVersions()
  const own = packageVersion()
  const detail = `qpq ${own}, ${cleanLine(software)}, wire version ${wireVersion}`
  if (isSameSeries(own, software) !== false) return detail
  return { detail: `${detail}: of two series, upgrade the older one (docs/COMPATIBILITY.md)`, warning: true }
}

async function clock(client: Client): Promise<string> {
  const { clockAheadMs } = await client.link()
  if (clockAheadMs === undefined) return "not compared: the server did not say its time"
  if (isSkewed(clockAheadMs)) throw new QpqError("E090", skewText(clockAheadMs))
  return `${skewText(clockAheadMs)} (${clockAheadMs} ms)`
}

/** What was found, or what it was found to be and that it should be looked at. */
type Found = string | { readonly detail: string; readonly warning: boolean }
type Check = (name: string, step: () => Promise<Found> | Found) => Promise<boolean>

async function certificate({ gate, world }: CommandContext): Promise<Found> {
  const { notAfter, issuer, isSelfSigned, knownBy } = await gate.certificate()
  const signer = isSelfSigned ? "signed by the server itself" : `signed by ${cleanLine(issuer)}`
  const trust = knownBy === "pins" ? "known by its pin" : "trusted by its CA"
  const days = Math.floor((notAfter - world.clock.now()) / DAY_MS)
  const date = new Date(notAfter).toISOString().slice(0, 10)
  const end = days < 0 ? `expired on ${date}` : `expires on ${date}, in ${days} days`
  if (days >= CERTIFICATE_WARN_DAYS) return `${trust}, ${signer}; ${end}`
  const meaning = knownBy === "pins" ? "the pin goes on counting" : "then nobody can connect"
  return { detail: `${trust}, ${signer}; ${end}: tell the operator (${meaning})`, warning: true }
}

/** One line for all that are well, and one for each that is not. */
async function groups({ config }: CommandContext, client: Client, check: Check): Promise<void> {
  let found: readonly GroupHealth[] = []
  await check("groups", async () => {
    found = await client.checkGroups(config.timeoutMs ?? SYNC_MS)
    const ours = found.filter(({ state }) => state !== "out")
    return `${ours.filter(({ state }) => state === "well").length} of ${ours.length} are as the server has them`
  })
  for (const { name, state, since } of found) {
    if (state === "well") continue
    await check(`group ${cleanLine(name)}`, () => {
      const when = since === undefined ? undefined : new Date(since).toISOString()
      if (state === "out") throw new QpqError("E036", `this device asked to be let in again since ${when}, in vain`)
      throw new QpqError("E048", when === undefined ? undefined : `waits since ${when}`)
    })
  }
}

async function mailbox({ config }: CommandContext, client: Client): Promise<string> {
  await client.sync(config.timeoutMs ?? SYNC_MS)
  const groups = await client.groups()
  return `read to its end; ${groups.length} groups`
}
