/** What a server on the open internet is refused for, each with its remedy (QPQ_PRODUCTION=1). */
import { readFileSync, statSync } from "node:fs"
import { textFrom } from "../../core/domain/bytes.ts"
import { QpqError } from "../../core/domain/errors.ts"
import { isSelfSigned } from "../../core/transport/pin.ts"
import type { ServerConfig } from "../config.ts"

export interface Refusal {
  readonly what: string
  readonly remedy: string
}

const OTHERS_BITS = 0o077
const TOKEN_CHARACTERS_MIN = 32
/** Of a random token of 32 hex digits some 14 differ, fewer than 9 once in millions. */
const TOKEN_DISTINCT_MIN = 9
/** What stands in examples, and what people write who have to write something. */
const SAMPLE_WORDS = ["changeme", "change-me", "example", "sample", "secret", "password", "token", "quicproquo", "test"]

/** All of them at once, so that nobody mends one after the other. Empty: fit for production. */
export function productionRefusals(config: ServerConfig): readonly Refusal[] {
  return [
    ...databaseRefusals(config),
    ...tokenRefusals("static token", config.staticToken),
    ...tokenRefusals("health token", config.healthToken),
    ...certificateRefusals(config),
    ...ruleRefusals(config),
    ...fileRefusals(config),
  ]
}

/** @throws E071 with every refusal on a line of its own, when there are any. */
export function assertFitForProduction(config: ServerConfig): void {
  const refusals = productionRefusals(config)
  if (refusals.length === 0) return
  const lines = refusals.map(({ what, remedy }) => `  - ${what}. ${remedy}`)
  throw new QpqError("E071", `not fit for production\n${lines.join("\n")}`)
}

function databaseRefusals({ databaseKey }: ServerConfig): readonly Refusal[] {
  if (databaseKey) return []
  return [
    {
      what: "the database is not encrypted",
      remedy: "Make a key (`head -c 32 /dev/urandom > FILE; chmod 600 FILE`) and give it with --db-key-file",
    },
  ]
}

function tokenRefusals(name: string, token: Uint8Array | undefined): readonly Refusal[] {
  if (!token) return []
  const text = textFrom(token)
  const remedy = "Make another one: `openssl rand -hex 32 > FILE; chmod 600 FILE`"
  const sample = SAMPLE_WORDS.find((word) => text.toLowerCase().includes(word))
  if (sample !== undefined) return [{ what: `the ${name} looks like an example: it contains "${sample}"`, remedy }]
  if (text.length < TOKEN_CHARACTERS_MIN)
    return [{ what: `the ${name} has fewer than ${TOKEN_CHARACTERS_MIN} characters`, remedy }]
  if (new Set(text).size < TOKEN_DISTINCT_MIN) return [{ what: `the ${name} repeats itself`, remedy }]
  return []
}

/** A certificate that nobody vouches for is enough where every client knows its key. */
function certificateRefusals({ tlsFiles, trust }: ServerConfig): readonly Refusal[] {
  if (trust === "pin") return []
  if (tlsFiles && !isSelfSigned(readFileSync(tlsFiles.certificate, "utf8"))) return []
  return [
    {
      what: "the certificate is signed by the server itself",
      remedy:
        "Give one of a CA with --tls-cert and --tls-key, or say --trust pin if everybody gets the address with its pin",
    },
  ]
}

function ruleRefusals({ rates, openChannels }: ServerConfig): readonly Refusal[] {
  const refusals: Refusal[] = []
  if (!rates) refusals.push({ what: "requests are not limited", remedy: "Leave out --rate-limit off" })
  if (openChannels)
    refusals.push({ what: "anybody may use any 1:1 channel", remedy: "Leave out --channel-access anyone" })
  return refusals
}

function fileRefusals({ dataDir, secretFiles }: ServerConfig): readonly Refusal[] {
  const open = [dataDir, ...secretFiles].filter((path) => {
    const found = statSync(path, { throwIfNoEntry: false })
    return found !== undefined && (found.mode & OTHERS_BITS) !== 0
  })
  return open.map((path) => ({ what: `other users can open ${path}`, remedy: `Run \`chmod go= ${path}\`` }))
}
