/** User names: 1-32 characters of a-z 0-9 . _ - (PROTOCOL.md section 3). */
import { QpqError } from "./errors.ts"

declare const brand: unique symbol
export type UserName = string & { readonly [brand]: "UserName" }

const ALLOWED = /^[a-z0-9._-]{1,32}$/

export const isUserName = (text: string): text is UserName => ALLOWED.test(text)

/** @throws E016 */
export function userName(text: string): UserName {
  if (!isUserName(text)) throw new QpqError("E016")
  return text
}
