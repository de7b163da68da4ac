/** OPAQUE login (RFC 9807 section 6), both ends, as pure steps. */
import { QpqError } from "../domain/errors.ts"
import { exactly } from "../domain/ids.ts"
import type { UserName } from "../domain/user-name.ts"
import { identifiers, opaqueLibrary, opaqueStep, stretchingOf, toBytes, toText } from "./opaque-library.ts"
import type { KeyStretching } from "./opaque-library.ts"

export const LOGIN_REQUEST_BYTES = 96
export const LOGIN_FINISH_BYTES = 64

/** Client, first step. `state` is secret and goes into the last step. */
export async function startLogin(password: string): Promise<{ state: string; request: Uint8Array }> {
  const { client } = await opaqueLibrary()
  const { clientLoginState, startLoginRequest } = client.startLogin({ password })
  return { state: clientLoginState, request: toBytes(startLoginRequest) }
}

export interface LoginEnd {
  readonly name: UserName
  readonly password: string
  readonly state: string
  /** The server's 320 bytes. */
  readonly response: Uint8Array
  readonly stretching: KeyStretching
}

export interface ClientLogin {
  /** For the server, 64 bytes. */
  readonly finish: Uint8Array
  /** 64 bytes, secret, known to both ends. */
  readonly sessionKey: Uint8Array
  /** 64 bytes, secret, the same at every login; the server never sees it. */
  readonly exportKey: Uint8Array
}

/**
 * Client, last step: runs Argon2id for about a second, synchronously; not for a thread with a face.
 * @throws E004 wrong password or unknown name (the two cannot be told apart), E026 garbage.
 */
export async function finishLogin(end: LoginEnd): Promise<ClientLogin> {
  const login = await opaqueStep("login response", ({ client }) =>
    client.finishLogin({
      clientLoginState: end.state,
      loginResponse: toText(end.response),
      password: end.password,
      identifiers: identifiers(end.name),
      keyStretching: stretchingOf(end.stretching),
    }),
  )
  if (!login) throw new QpqError("E004")
  const { finishLoginRequest, sessionKey, exportKey } = login
  return { finish: toBytes(finishLoginRequest), sessionKey: toBytes(sessionKey), exportKey: toBytes(exportKey) }
}

export interface LoginRequest {
  readonly setup: Uint8Array
  readonly name: UserName
  readonly request: Uint8Array
  /** For an unknown name `recordOfNobody`: the answer then has the same size and takes the same work. */
  readonly record: Uint8Array
}

/** Server: the answer to a first step (320 bytes) and what the last step needs. @throws E024 length, E026 garbage. */
export function loginResponse(login: LoginRequest): Promise<{ state: string; response: Uint8Array }> {
  exactly(login.request, LOGIN_REQUEST_BYTES, "OPAQUE login request")
  return opaqueStep("login request", ({ server }) => {
    const answer = server.startLogin({
      serverSetup: toText(login.setup),
      userIdentifier: login.name,
      registrationRecord: toText(login.record),
      startLoginRequest: toText(login.request),
      identifiers: identifiers(login.name),
    })
    return { state: answer.serverLoginState, response: toBytes(answer.loginResponse) }
  })
}

/** Server, last step: the session key, which proves the password. @throws E024 length, E004 when it does not fit. */
export async function finishServerLogin(name: UserName, state: string, finish: Uint8Array): Promise<Uint8Array> {
  exactly(finish, LOGIN_FINISH_BYTES, "OPAQUE login finish")
  const { server } = await opaqueLibrary()
  try {
    const { sessionKey } = server.finishLogin({
      serverLoginState: state,
      finishLoginRequest: toText(finish),
      identifiers: identifiers(name),
    })
    return toBytes(sessionKey)
  } catch (cause) {
    throw new QpqError("E004", undefined, { cause })
  }
}
