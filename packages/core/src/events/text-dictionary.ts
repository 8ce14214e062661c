/**
 * Texts interned from their UTF-8 bytes: equal texts have equal codes. Codes are dense from 0 and never change; `-1` is
 * null. A decoder starts a new dictionary when one grows too large, so remember codes per dictionary object.
 */
export interface TextDictionary {
  readonly size: number;
  /** The text of a code, made once and kept. */
  text(code: number): string;
  /** The UTF-8 bytes of a code; do not write to them. */
  bytes(code: number): Uint8Array;
}
