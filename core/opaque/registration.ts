/** OPAQUE registration (RFC 9807 section 5), both ends, as pure steps. */
import { concat } from "../domain/bytes.ts"
import { exactly } from "../domain/ids.ts"
import type { UserName } from "../domain/user-name.ts"
import { identifiers, opaqueLibrary, opaqueStep, stretchingOf, toBytes, toText } from "./opaque-library.ts"
import type { KeyStretching } from "./opaque-library.ts"
import type { Random } from "../domain/world.ts"

export const REGISTRATION_REQUEST_BYTES = 32
export const REGISTRATION_RECORD_BYTES = 192
/** RFC 9807 section 5.1: the client's public key, then masking key and envelope. */
const PUBLIC_KEY_BYTES = 32
const PASSWORD_BYTES = 32

/** Client, first step. `state` is secret and goes into the last step. */
export async function startRegistration(password: string): Promise<{ state: string; request: Uint8Array }> {
  const { client } = await opaqueLibrary()
  const { clientRegistrationState, registrationRequest } = client.startRegistration({ password })
  return { state: clientRegistrationState, request: toBytes(registrationRequest) }
}

export interface RegistrationEnd {
  readonly name: UserName
  readonly password: string
  readonly state: string
  /** The server's 64 bytes. */
  readonly response: Uint8Array
  readonly stretching: KeyStretching
}

/**
 * Client, last step: runs Argon2id for about a second, synchronously; not for a thread with a face.
 * @returns the record for the server (192 bytes) and the export key (64 bytes, secret, the same at every login).
 * @throws E026 when the response is garbage.
 */
export async function finishRegistration(end: RegistrationEnd): Promise<{ record: Uint8Array; exportKey: Uint8Array }> {
  const { registrationRecord, exportKey } = await opaqueStep("registration response", ({ client }) =>
    client.finishRegistration({
      clientRegistrationState: end.state,
      registrationResponse: toText(end.response),
      password: end.password,
      identifiers: identifiers(end.name),
      keyStretching: stretchingOf(end.stretching),
    }),
  )
  return { record: toBytes(registrationRecord), exportKey: toBytes(exportKey) }
}

/** Server, once at first start: 128 bytes, secret, kept for ever. */
export async function createServerSetup(): Promise<Uint8Array> {
  const { server } = await opaqueLibrary()
  return toBytes(server.createSetup())
}

/** Server: the answer to a first step, 64 bytes. @throws E024 length, E026 when the request is garbage. */
export function registrationResponse(setup: Uint8Array, name: UserName, request: Uint8Array): Promise<Uint8Array> {
  exactly(request, REGISTRATION_REQUEST_BYTES, "OPAQUE registration request")
  return opaqueStep("registration request", ({ server }) =>
    toBytes(
      server.createRegistrationResponse({
        serverSetup: toText(setup),
        userIdentifier: name,
        registrationRequest: toText(request),
      }).registrationResponse,
    ),
  )
}

/**
 * Server: a record of nobody, for names that nobody has (RFC 9807 section 10.9). It takes the same work as a real one; the
 * private key to its public key is known to nobody.
 */
export async function recordOfNobody(setup: Uint8Array, name: UserName, random: Random): Promise<Uint8Array> {
  const { request } = await startRegistration(toText(random.bytes(PASSWORD_BYTES)))
  // An element of the group that no one chose: another one for each request.
  const element = (await registrationResponse(setup, name, request)).subarray(0, PUBLIC_KEY_BYTES)
  return concat(element, random.bytes(REGISTRATION_RECORD_BYTES - PUBLIC_KEY_BYTES))
}
