const DAY_MS = 86_400_000;

/**
 * Epoch ms of strict ISO 8601 `2024-02-29T23:59:59.123456+05:30` or `...Z`, or NaN: seconds and an offset are required,
 * "T" and "Z" are capitals, digits beyond the millisecond are floored, no leap second, no day that the calendar lacks.
 * Not `Date.parse`, which guesses.
 */
export function isoInstant(bytes: Uint8Array, start: number, end: number): number {
  // "2024-02-29T23:59:59Z" is the shortest.
  if (end - start < 20) return NaN;
  const year = digits(bytes, start, 4);
  const month = digits(bytes, start + 5, 2);
  const day = digits(bytes, start + 8, 2);
  const hour = digits(bytes, start + 11, 2);
  const minute = digits(bytes, start + 14, 2);
  const second = digits(bytes, start + 17, 2);
  // A part that is no number is negative.
  if ((year | month | day | hour | minute | second) < 0) return NaN;
  if (bytes[start + 4] !== 45 || bytes[start + 7] !== 45 || bytes[start + 10] !== 84 || bytes[start + 13] !== 58 || bytes[start + 16] !== 58) return NaN;
  if (month < 1 || month > 12 || day < 1 || day > daysOf(year, month) || hour > 23 || minute > 59 || second > 59) return NaN;

  let at = start + 19;
  let milliseconds = 0;
  if (bytes[at] === 46) {
    let unit = 100;
    const first = ++at;
    for (; at < end && isDigit(bytes[at]!); at++) {
      milliseconds += (bytes[at]! - 48) * unit;
      unit = unit === 100 ? 10 : unit === 10 ? 1 : 0;
    }
    if (at === first) return NaN;
  }
  let offsetMinutes = 0;
  const sign = at < end ? bytes[at] : 0;
  if (sign === 90) at++;
  else if (sign === 43 || sign === 45) {
    if (end - at !== 6 || bytes[at + 3] !== 58) return NaN;
    const hours = digits(bytes, at + 1, 2);
    const minutes = digits(bytes, at + 4, 2);
    if ((hours | minutes) < 0 || hours > 23 || minutes > 59) return NaN;
    offsetMinutes = (hours * 60 + minutes) * (sign === 45 ? -1 : 1);
    at += 6;
  } else return NaN;
  if (at !== end) return NaN;
  return daysSinceEpoch(year, month, day) * DAY_MS + ((hour * 60 + minute - offsetMinutes) * 60 + second) * 1_000 + milliseconds;
}

/** The number of `count` digits, negative if one is none. */
function digits(bytes: Uint8Array, at: number, count: number): number {
  let value = 0;
  for (let i = at; i < at + count; i++) {
    const byte = bytes[i]!;
    if (!isDigit(byte)) return -1;
    value = value * 10 + byte - 48;
  }
  return value;
}

function isDigit(byte: number): boolean {
  return byte >= 48 && byte <= 57;
}

function daysOf(year: number, month: number): number {
  if (month === 2) return year % 4 === 0 && (year % 100 !== 0 || year % 400 === 0) ? 29 : 28;
  return month === 4 || month === 6 || month === 9 || month === 11 ? 30 : 31;
}

/** Days from 1970-01-01 in the proleptic Gregorian calendar: Howard Hinnant, "days_from_civil". */
function daysSinceEpoch(year: number, month: number, day: number): number {
  const shifted = month <= 2 ? year - 1 : year;
  const era = Math.floor(shifted / 400);
  const yearOfEra = shifted - era * 400;
  const dayOfYear = Math.floor((153 * (month > 2 ? month - 3 : month + 9) + 2) / 5) + day - 1;
  const dayOfEra = yearOfEra * 365 + Math.floor(yearOfEra / 4) - Math.floor(yearOfEra / 100) + dayOfYear;
  return era * 146_097 + dayOfEra - 719_468;
}
