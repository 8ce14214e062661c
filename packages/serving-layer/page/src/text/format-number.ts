import type { ValueFormat } from "../../../src/dashboard/dashboard.js";

const whole = new Intl.NumberFormat("en", { maximumFractionDigits: 0 });
const fraction = new Intl.NumberFormat("en", { maximumFractionDigits: 2 });
const compact = new Intl.NumberFormat("en", { notation: "compact", maximumFractionDigits: 1 });
const percent = new Intl.NumberFormat("en", { style: "percent", minimumFractionDigits: 1, maximumFractionDigits: 1 });

/** What stands where there is no value. */
export const NONE = "–";

/** A value of an answer as the page shows it. Exact integers and decimals that are text are shown to the last digit. */
export function formatValue(value: unknown, format: ValueFormat = "number"): string {
  if (value === null || value === undefined) return NONE;
  if (value instanceof Date) return `${value.toISOString().slice(0, 19).replace("T", " ")} UTC`;
  if (typeof value === "bigint") return whole.format(value);
  if (typeof value === "string" && /^-?\d+(\.\d+)?$/.test(value)) return groupDigits(value);
  if (typeof value !== "number") return String(value);
  if (format === "percent") return percent.format(value);
  if (format === "seconds") return formatSeconds(value);
  return Number.isInteger(value) ? whole.format(value) : fraction.format(value);
}

/** For axes: `1.2K`. */
export function formatCompact(value: number, format: ValueFormat = "number"): string {
  if (format === "percent") return `${fraction.format(value * 100)}%`;
  if (format === "seconds") return formatSeconds(value);
  return compact.format(value);
}

/** For arithmetic of the page itself: shares, heights of bars. */
export const toNumber = (value: unknown): number => (typeof value === "number" ? value : typeof value === "bigint" || typeof value === "string" ? Number(value) : 0);

function groupDigits(text: string): string {
  const [digits = "", rest] = text.split(".");
  return `${digits.replace(/\B(?=(\d{3})+$)/g, ",")}${rest === undefined ? "" : `.${rest}`}`;
}

function formatSeconds(value: number): string {
  const seconds = Math.round(Math.abs(value));
  const sign = value < 0 ? "-" : "";
  if (seconds < 60) return `${sign}${seconds} s`;
  const minutes = Math.floor(seconds / 60);
  if (minutes < 60) return `${sign}${minutes} min ${seconds % 60} s`;
  return `${sign}${whole.format(Math.floor(minutes / 60))} h ${minutes % 60} min`;
}

/** A dimension's value: null and the empty text are told apart. */
export function formatKey(value: unknown): string {
  if (value === null || value === undefined) return "(none)";
  if (value === "") return "(empty)";
  return value instanceof Date ? value.toISOString() : String(value);
}

export function formatBytes(bytes: number): string {
  return bytes < 1_024 ? `${bytes} B` : `${fraction.format(bytes / 1_024)} KiB`;
}
