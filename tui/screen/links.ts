/** Addresses in messages: what counts as one, and the target that a terminal, or whatever opens it, is told. */
import type { TimelineView } from "../../core/client/client-api.ts"
import { span } from "./line.ts"
import type { Line, Link, Span } from "./line.ts"
import { safeText } from "./text-cells.ts"

/** UTF-16 positions in the text, the end excluded. */
export interface TextLink {
  readonly from: number
  readonly to: number
  /** Printable ASCII without spaces. */
  readonly target: string
}

/** What terminals and browsers take. */
export const TARGET_CHARACTERS_MAX = 2083
/** In one message; what comes after is text. */
const LINKS_MAX = 100
/** Behind an address that are not its own: a longer pile of them is taken as part of it. */
const AFTERWARDS_MAX = 8

/** No other scheme is ever a link: what it would do on a click cannot be told by looking at it. */
const ADDRESS = /(?<![\p{L}\p{N}+.-])(?:https?|qpq):\/\/[^\p{Cc}\p{Cf}\p{Cs}\s<>"\ufffd]+/giu
/** Ends the sentence and not the address. */
const AFTERWARDS = ".,;:!?'…。、，！？"
const BRACKETS: Readonly<Record<string, string>> = { ")": "(", "]": "[", "}": "{" }

/** @param text made safe already: control characters are gone from it. */
export function linksIn(text: string): readonly TextLink[] {
  const links: TextLink[] = []
  if (!text.includes("://")) return links
  for (const match of text.matchAll(ADDRESS)) {
    const address = withoutEnd(match[0])
    const target = targetOf(address)
    if (target !== undefined) links.push({ from: match.index, to: match.index + address.length, target })
    if (links.length === LINKS_MAX) break
  }
  return links
}

/** Where a message leads to: each target once. */
export function linksOf({ kind, text, deleted, attachment }: TimelineView): readonly string[] {
  if (kind !== "text" || deleted || attachment) return []
  return [...new Set(linksIn(safeText(text)).map(({ target }) => target))]
}

/** As it is opened: everything but printable ASCII percent-encoded. @returns undefined for what is no link. */
export function targetOf(address: string): string | undefined {
  if (address.length > TARGET_CHARACTERS_MAX || !/^(?:https?|qpq):\/\/[^/?#]/i.test(address)) return undefined
  if (/[\p{Cc}\p{Cs}\s]/u.test(address)) return undefined
  const target = address.replaceAll(/[^\u0021-\u007e]+/gu, encodeURIComponent)
  return target.length <= TARGET_CHARACTERS_MAX && URL.canParse(target) ? target : undefined
}

/** A line of a text, with the links that stand in it. @param start where in the text the line begins. */
export function linked(line: Line, start: number, links: readonly TextLink[], name: string): Line {
  if (links.length === 0) return line
  const pieces: Span[] = []
  let from = start
  for (const { text, style } of line) {
    const to = from + text.length
    let at = from
    for (const [number, link] of links.entries()) {
      const begin = Math.max(at, link.from)
      const end = Math.min(to, link.to)
      if (begin >= end) continue
      if (begin > at) pieces.push(span(text.slice(at - from, begin - from), style))
      pieces.push(span(text.slice(begin - from, end - from), style, linkOf(link, `${name}-${number}`)))
      at = end
    }
    if (at < to) pieces.push(span(text.slice(at - from), style))
    from = to
  }
  return pieces
}

const linkOf = ({ target }: TextLink, id: string): Link => ({ id, target })

/** A bracket belongs to the address when it opens in it. */
function withoutEnd(address: string): string {
  let kept = address
  for (let cut = 0; cut < AFTERWARDS_MAX; cut += 1) {
    const last = kept.at(-1) ?? ""
    const opening = BRACKETS[last]
    const isSurplus = opening !== undefined && kept.split(opening).length < kept.split(last).length
    if (!isSurplus && !AFTERWARDS.includes(last)) return kept
    kept = kept.slice(0, -1)
  }
  return kept
}
