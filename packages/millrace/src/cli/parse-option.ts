import { InvalidArgumentError } from "commander";

/** An ISO instant: `2025-01-06T00:00:00Z`. A date alone is midnight UTC. */
export function parseInstant(text: string): Date {
  const complete = /^\d{4}-\d{2}-\d{2}$/.test(text) ? `${text}T00:00:00Z` : text;
  const date = new Date(complete);
  if (Number.isNaN(date.getTime()) || !/(Z|[+-]\d{2}:?\d{2})$/.test(complete))
    throw new InvalidArgumentError("an ISO instant with its zone is wanted, such as 2025-01-06T00:00:00Z");
  return date;
}

export function parseCount(text: string): number {
  const value = Number(text);
  if (!Number.isSafeInteger(value) || value < 0) throw new InvalidArgumentError("a whole number of 0 or more is wanted");
  return value;
}

export const parseList = (text: string): readonly string[] => text.split(",").map((part) => part.trim()).filter((part) => part !== "");
