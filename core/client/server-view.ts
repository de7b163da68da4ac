/** Who answers at an address, as a person compares it. */

export interface ServerView {
  readonly host: string
  readonly port: number
  /** The address with its pin, to be stored. */
  readonly address: string
  /** sha256:… of the server's public key. */
  readonly pin: string
  /** Groups of four hex digits of the pin, for comparing by eye. */
  readonly fingerprint: string
}

/** The certificate of the account's server. */
export interface CertificateView {
  /** Milliseconds since the Unix epoch. */
  readonly notAfter: number
  /** Who signed it, in the certificate's words: not to be believed where it is known by its pin. */
  readonly issuer: string
  readonly knownBy: "pins" | "ca"
  readonly isSelfSigned: boolean
}
