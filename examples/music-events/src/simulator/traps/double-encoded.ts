/** The UTF-8 bytes of a text read as ISO-8859-1: ASCII stays, everything else becomes two to four characters. */
const misread = (text: string): string => Buffer.from(text, "utf8").toString("latin1");

/** A text that has been written as UTF-8 and read as ISO-8859-1 twice, as song titles come out of eventsim. */
export function doubleEncoded(text: string): string {
  return misread(misread(text));
}
