/** The one-line file whose replacement is the switch. */
export const CURRENT_PATH = "generations/current";

/** Folder of the generations, and of the pointer to the current one. */
export const GENERATIONS_FOLDER = "generations";

/** File of one generation; sorted by name they are sorted by number. */
export const generationPath = (number: number): string => `${GENERATIONS_FOLDER}/${String(number).padStart(8, "0")}.json`;

/** Folder of one version of a table (`date` absent: a whole table). */
export const tableVersionFolder = (table: string, version: string, date?: string): string =>
  date === undefined ? `tables/${table}/version=${version}` : `tables/${table}/date=${date}/version=${version}`;
