/** A failure in words for the person. */
import { ERRORS } from "../../core/domain/errors.ts"
import type { QpqError } from "../../core/domain/errors.ts"

/** What happened, what to do, and the code to look it up by. */
export const problemText = (failure: QpqError): string =>
  `${capital(failure.message)}. ${ERRORS[failure.code].remedy} (${failure.code})`

const capital = (text: string): string => text.charAt(0).toUpperCase() + text.slice(1)
