/** The versions that both ends must have alike, and what a person is told when they have not (docs/COMPATIBILITY.md). */
import { QpqError } from "./errors.ts"
import { cleanLine } from "./safe-text.ts"

/** The only wire version and the only version of Auth there is. */
export const WIRE_VERSION = 1
export const AUTH_VERSION = 1

/** Neither waiting nor dialling again cures these. */
export const VERSION_CODES = ["E020", "E003"] as const

const SOFTWARE_CHARACTERS_MAX = 40

/** Which versions the server speaks, and as which program. */
export interface ServerVersions {
  /** Of the peer's making. */
  readonly software: string
  readonly wireVersion: number
  readonly authVersion: number
}

/** A server read a request of another version. */
export const clientDiffers = (client: number, server: number): string =>
  bothNamed(client, `the server ${server}`, server)

/** What a client asks itself of the server's health. @throws E020, E003 naming both versions. */
export function checkServerVersions({ software, wireVersion, authVersion }: ServerVersions): void {
  const server = `the server (${cleanLine(software).slice(0, SOFTWARE_CHARACTERS_MAX)})`
  if (wireVersion !== WIRE_VERSION) {
    throw new QpqError("E020", bothNamed(WIRE_VERSION, `${server} ${wireVersion}`, wireVersion))
  }
  if (authVersion !== AUTH_VERSION) {
    throw new QpqError("E003", bothNamed(AUTH_VERSION, `${server} ${authVersion}`, authVersion))
  }
}

/** Of a part of a request or an answer, whoever made it. @throws E020 */
export function checkPartVersion(version: number): void {
  if (version === WIRE_VERSION) return
  const older = version < WIRE_VERSION ? "the program that made it" : "this program"
  throw new QpqError("E020", `a part has ${version}, this program ${WIRE_VERSION}: upgrade ${older}`)
}

/** Whether two programs are of one series, as in "1.2.3" and "qpq-server 1.2.9". Undefined: one is no version. */
export function isSameSeries(one: string, other: string): boolean | undefined {
  const [first, second] = [seriesOf(one), seriesOf(other)]
  return first === undefined || second === undefined ? undefined : first === second
}

const seriesOf = (software: string): string | undefined => /(?:^|\s)(\d+\.\d+)\.\d+/.exec(software)?.[1]

const bothNamed = (client: number, server: string, serverVersion: number): string =>
  `the client has ${client}, ${server}: upgrade the ${client < serverVersion ? "client" : "server"}`
