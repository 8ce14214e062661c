/** The one-line file whose replacement is the switch. */
export const CURRENT_PATH = "generations/current";

export const GENERATIONS_FOLDER = "generations";

export const generationPath = (number: number): string => `${GENERATIONS_FOLDER}/${String(number).padStart(8, "0")}.json`;

/** Folder of one version of a table (`date` absent: a whole table). */
export const tableVersionFolder = (table: string, version: string, date?: string): string =>
  date === undefined ? `tables/${table}/version=${version}` : `tables/${table}/date=${date}/version=${version}`;
