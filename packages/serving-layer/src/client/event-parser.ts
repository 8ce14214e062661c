/** One server-sent event. */
export interface ServerEvent {
  readonly name: string;
  /** Undefined where the event has none. */
  readonly id: string | undefined;
  readonly data: string;
}

/**
 * Reads a `text/event-stream` piece by piece, as the WHATWG's HTML standard says, section "Server-sent events": lines end
 * with CR, LF or both, comments are skipped, an event ends at an empty line, and what is not ended at the end of the
 * stream is dropped. Memory: the event being read.
 */
export class EventParser {
  #text = "";
  #afterCr = false;
  #name = "";
  #id: string | undefined;
  #data: string[] = [];

  /** The events that `piece` ends. */
  push(piece: string): ServerEvent[] {
    const events: ServerEvent[] = [];
    // A CR that ended the last piece ended its line: the LF after it belongs to it.
    let rest = this.#afterCr && piece.startsWith("\n") ? piece.slice(1) : piece;
    if (piece !== "") this.#afterCr = piece.endsWith("\r");
    for (let end = rest.search(/[\r\n]/); end >= 0; end = rest.search(/[\r\n]/)) {
      const event = this.#line(this.#text + rest.slice(0, end));
      if (event !== undefined) events.push(event);
      this.#text = "";
      rest = rest.slice(rest[end] === "\r" && rest[end + 1] === "\n" ? end + 2 : end + 1);
    }
    this.#text += rest;
    return events;
  }

  #line(line: string): ServerEvent | undefined {
    if (line === "") {
      const event = this.#data.length === 0 ? undefined : { name: this.#name || "message", id: this.#id, data: this.#data.join("\n") };
      this.#name = "";
      this.#id = undefined;
      this.#data = [];
      return event;
    }
    const colon = line.indexOf(":");
    const field = colon < 0 ? line : line.slice(0, colon);
    const value = colon < 0 ? "" : line.slice(line[colon + 1] === " " ? colon + 2 : colon + 1);
    if (field === "event") this.#name = value;
    else if (field === "id") this.#id = value;
    else if (field === "data") this.#data.push(value);
    return undefined;
  }
}
