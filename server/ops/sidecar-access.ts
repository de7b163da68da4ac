/** Who may read the server's numbers: this computer itself, or whoever knows the token. */
import { timingSafeEqual } from "node:crypto"
import { BlockList, isIP } from "node:net"
import { sha256 } from "../../core/crypto/hash.ts"
import { utf8 } from "../../core/domain/bytes.ts"

/** What a request tells of who asks. */
export interface Asker {
  /** The socket's other end. */
  readonly address: string
  /** Header fields by their lower-case names. */
  readonly headers: Readonly<Record<string, string | readonly string[] | undefined>>
}

const THIS_COMPUTER = new BlockList()
THIS_COMPUTER.addSubnet("127.0.0.0", 8)
THIS_COMPUTER.addAddress("::1", "ipv6")

/** A proxy adds one of them: whoever asks is elsewhere. */
const FORWARDED = ["forwarded", "x-forwarded-for", "via", "x-real-ip"]

/**
 * From this computer everybody may, unless a proxy handed the request on or a page's name was made to point here (DNS rebinding:
 * the Host then is that name). Else the token counts, as Bearer or as the password of Basic, with any user's name (RFC 6750, RFC 7617).
 */
export function mayRead(asker: Asker, token: Uint8Array | undefined): boolean {
  return isHere(asker) || (token !== undefined && tokensIn(asker).some((given) => isSame(given, token)))
}

function isHere({ address, headers }: Asker): boolean {
  if (FORWARDED.some((name) => headers[name] !== undefined)) return false
  const plain = address.replace(/^::ffff:/iu, "")
  if (!THIS_COMPUTER.check(plain, isIP(plain) === 6 ? "ipv6" : "ipv4")) return false
  const name = String(headers["host"] ?? "").replace(/:\d+$/u, "")
  return name === "localhost" || isIP(name.replace(/^\[(.*)\]$/u, "$1")) !== 0
}

function tokensIn({ headers }: Asker): readonly string[] {
  const [, scheme = "", value = ""] = /^(\w+) +(\S+)$/u.exec(String(headers["authorization"] ?? "")) ?? []
  if (scheme.toLowerCase() === "bearer") return [value]
  if (scheme.toLowerCase() !== "basic") return []
  const [, password] = /^[^:]*:(.*)$/u.exec(Buffer.from(value, "base64").toString("utf8")) ?? []
  return password === undefined ? [] : [password]
}

/** In a time that does not tell how much of it fits. */
const isSame = (given: string, token: Uint8Array): boolean => timingSafeEqual(sha256(utf8(given)), sha256(token))
