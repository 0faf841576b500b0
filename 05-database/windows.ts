const DAYS = ["sun", "mon", "tue", "wed", "thu", "fri", "sat"];
const DAY = 24 * 60;

/** When a window begins and how long it is, in minutes: of a week from Sunday on, or of a day. */
interface Window {
  readonly start: number;
  readonly length: number;
}

/** Reads `03:00-04:00`, which is every day, or `sun:04:30-sun:05:30`; both may go past their end into the next. */
export function windowOf(text: string): Window {
  const [, from = "", startHour, startMinute, to = "", endHour, endMinute] =
    /^(?:(\w{3}):)?(\d\d):(\d\d)-(?:(\w{3}):)?(\d\d):(\d\d)$/.exec(text) ?? [];
  const at = (day: string, hour = "", minute = "") =>
    Math.max(0, DAYS.indexOf(day)) * DAY + Number(hour) * 60 + Number(minute);
  const period = from === "" ? DAY : 7 * DAY;
  const start = at(from, startHour, startMinute);
  return { start, length: (at(to, endHour, endMinute) - start + period) % period };
}

/** Whether a window of every day and one of the week have a minute in common. */
export function overlap(daily: Window, weekly: Window): boolean {
  // From each of the week's days to the maintenance, or the other way round, whichever begins first.
  return DAYS.some((_, day) => {
    const ahead = (weekly.start - (day * DAY + daily.start) + 7 * DAY) % (7 * DAY);
    return ahead < daily.length || 7 * DAY - ahead < weekly.length;
  });
}
