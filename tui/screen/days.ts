/** Days as people name them, and as the screen does. */

export interface Day {
  /** Its first moment here, milliseconds since the Unix epoch. */
  readonly at: number
  /** The first moment of the next. */
  readonly end: number
}

const DAYS = ["Sun", "Mon", "Tue", "Wed", "Thu", "Fri", "Sat"]
const LONG_DAYS = ["sunday", "monday", "tuesday", "wednesday", "thursday", "friday", "saturday"]
const MONTHS = ["Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"]
/** Nothing was said before. */
const YEAR_MIN = 2000

/** "Fri 20 Nov 2026" */
export function dayText(at: number): string {
  const date = new Date(at)
  return `${DAYS[date.getDay()] ?? ""} ${date.getDate()} ${MONTHS[date.getMonth()] ?? ""} ${date.getFullYear()}`
}

/**
 * 2026-11-20, 20.11.2026, 20.11. (the latest), today, yesterday, or the latest day of a name: monday, mon.
 * @returns what is wrong with it, for people, when it is no day, or one to come.
 */
export function dayFrom(text: string, now: number): Day | string {
  const written = text.trim().toLowerCase()
  const day = named(written, now) ?? numbered(written, now)
  if (day === undefined)
    return `A date is written 2026-11-20, 20.11., yesterday or monday: ${JSON.stringify(text)} is none.`
  if (typeof day === "string") return day
  return day.at > now ? `${dayText(day.at)} is still to come.` : day
}

const dayOf = (year: number, month: number, date: number): Day => ({
  at: new Date(year, month, date).getTime(),
  end: new Date(year, month, date + 1).getTime(),
})

function named(written: string, now: number): Day | undefined {
  const today = new Date(now)
  const back = (days: number): Day => dayOf(today.getFullYear(), today.getMonth(), today.getDate() - days)
  if (written === "today") return back(0)
  if (written === "yesterday") return back(1)
  const weekday = LONG_DAYS.findIndex((name) => written === name || written === name.slice(0, 3))
  if (weekday < 0) return undefined
  const since = (today.getDay() - weekday + 7) % 7
  return back(since === 0 ? 7 : since)
}

function numbered(written: string, now: number): Day | string | undefined {
  const [, year, month, date] = /^(\d{4})-(\d{1,2})-(\d{1,2})$/.exec(written) ?? []
  if (year !== undefined) return checked(Number(year), Number(month), Number(date))
  const [, dotDate, dotMonth, dotYear = ""] = /^(\d{1,2})\.(\d{1,2})\.(\d{4})?$/.exec(written) ?? []
  if (dotDate === undefined) return undefined
  if (dotYear !== "") return checked(Number(dotYear), Number(dotMonth), Number(dotDate))
  const thisYear = new Date(now).getFullYear()
  // The 29th of February is not in every year.
  const years = Array.from({ length: 9 }, (_, back) => thisYear - back)
  const days = years.map((one) => checked(one, Number(dotMonth), Number(dotDate)))
  return days.find((day) => typeof day !== "string" && day.at <= now) ?? days[0]
}

function checked(year: number, month: number, date: number): Day | string {
  const day = dayOf(year, month - 1, date)
  const made = new Date(day.at)
  const exists = made.getFullYear() === year && made.getMonth() === month - 1 && made.getDate() === date
  return exists && year >= YEAR_MIN ? day : `There is no day ${date}.${month}.${year}.`
}
