const UTF8 = new TextDecoder("utf-8", { fatal: true, ignoreBOM: true });

/**
 * Text whose UTF-8 bytes were read as ISO-8859-1, however often, as it was meant: `BjÃ¶rk` becomes `Björk`. As long as all
 * characters fit into a byte and these bytes are valid UTF-8, they are taken for that; text that is right is not, since a
 * single accented letter is no valid UTF-8, and neither is text with characters beyond U+00FF. So what is right stays, and
 * repairing again changes nothing. It always ends: every round leaves fewer characters.
 */
export function repairMojibake(text: string): string {
  for (let repaired = text; ; ) {
    let plain = true;
    for (let i = 0; i < repaired.length; i++) {
      const code = repaired.charCodeAt(i);
      if (code > 0xff) return repaired;
      if (code > 0x7f) plain = false;
    }
    if (plain) return repaired;
    try {
      repaired = UTF8.decode(Buffer.from(repaired, "latin1"));
    } catch {
      return repaired;
    }
  }
}
