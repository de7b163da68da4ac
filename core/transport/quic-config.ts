/** TLS and transport parameters for the native QUIC code: one Config, shared by all connections with the same certificate or trust. */
import { X509Certificate, createPrivateKey } from "node:crypto"
import { rootCertificates } from "node:tls"
import quiche from "@matrixai/quic/native/quiche.js"
import type { Config } from "@matrixai/quic/native/types.js"
import { utf8 } from "../domain/bytes.ts"
import { QpqError } from "../domain/errors.ts"
import type { ServerCertificate } from "./certificate.ts"
import { pinOf } from "./pin.ts"
import type { TransportLimits, Trust } from "./transport.ts"

export const ALPN = "capnp"
/** What every path of QUIC carries (RFC 9000 section 14); the native code finds no larger one (docs/decisions/0012). */
export const UDP_PAYLOAD_BYTES = 1200
const UDP_RECEIVE_BYTES_MAX = 65_527
/** TLS 1.3 only knows these; the order is our preference. */
const SIGNATURES = [
  "ed25519",
  "ecdsa_secp256r1_sha256",
  "ecdsa_secp384r1_sha384",
  "rsa_pss_rsae_sha256",
  "rsa_pss_rsae_sha384",
  "rsa_pss_rsae_sha512",
].join(":")

export interface ServerSetting {
  readonly config: Config
  readonly pin: Uint8Array
}

/** @throws E071 when certificate or key is unreadable or they do not belong together. */
export function serverSetting(certificate: ServerCertificate, limits: TransportLimits): ServerSetting {
  const { certificatePem, keyPem } = certificate
  try {
    const leaf = new X509Certificate(certificatePem)
    if (!leaf.checkPrivateKey(createPrivateKey(keyPem))) {
      throw new QpqError("E071", "the private key is not the certificate's")
    }
    const config = quiche.Config.withBoringSslCtx(
      false,
      false,
      undefined,
      [utf8(keyPem)],
      [utf8(certificatePem)],
      SIGNATURES,
    )
    return { config: withLimits(config, limits), pin: pinOf(leaf) }
  } catch (cause) {
    throw cause instanceof QpqError ? cause : new QpqError("E071", "certificate or key cannot be used", { cause })
  }
}

/** With trust by pin the certificate is looked at after the handshake, so nothing is verified in it. @throws E071 */
export function clientConfig(trust: Trust | undefined, limits: TransportLimits): Config {
  if (trust?.kind !== "ca") {
    return withLimits(quiche.Config.withBoringSslCtx(false, false, undefined, undefined, undefined, SIGNATURES), limits)
  }
  const roots = utf8(rootsOf(trust))
  try {
    // The TLS library takes text without any certificate, and then trusts nobody.
    if (trust.pem !== undefined) new X509Certificate(trust.pem)
    return withLimits(quiche.Config.withBoringSslCtx(true, false, roots, undefined, undefined, SIGNATURES), limits)
  } catch (cause) {
    throw new QpqError("E071", "the CA certificates cannot be used", { cause })
  }
}

/** PEM of the certificates that may vouch for servers. */
export const rootsOf = ({ pem }: Extract<Trust, { kind: "ca" }>): string => pem ?? rootCertificates.join("\n")

function withLimits(config: Config, limits: TransportLimits): Config {
  config.setApplicationProtos([ALPN])
  config.setMaxIdleTimeout(limits.idleMs)
  config.setMaxRecvUdpPayloadSize(UDP_RECEIVE_BYTES_MAX)
  config.setMaxSendUdpPayloadSize(UDP_PAYLOAD_BYTES)
  config.setInitialMaxData(limits.connectionWindowBytes)
  config.setMaxConnectionWindow(limits.connectionWindowBytes)
  config.setInitialMaxStreamDataBidiLocal(limits.streamWindowBytes)
  config.setInitialMaxStreamDataBidiRemote(limits.streamWindowBytes)
  config.setInitialMaxStreamDataUni(0)
  config.setMaxStreamWindow(limits.streamWindowBytes)
  config.setInitialMaxStreamsBidi(limits.streamsMax)
  config.setInitialMaxStreamsUni(0)
  config.setDisableActiveMigration(true)
  config.enableDgram(false, 0, 0)
  return config
}
