// What CHANGELOG.md says of a version, in the form of keepachangelog.com.

/** @returns the versions that have a heading with a date, newest first. */
export const releasedVersions = (text) =>
  [...text.matchAll(/^## \[(\d+\.\d+\.\d+[^\]]*)\] - \d{4}-\d{2}-\d{2}$/gm)].map(([, version]) => version)

/** @returns the text below the heading of a version, or of "Unreleased"; undefined when there is none, or it says nothing. */
export function sectionOf(text, version) {
  const sections = text.split(/^## /m).slice(1)
  const found = sections.find((section) => section.startsWith(`[${version}]`))
  const said = found?.slice(found.indexOf("\n") + 1).trim()
  return said === "" ? undefined : said
}
