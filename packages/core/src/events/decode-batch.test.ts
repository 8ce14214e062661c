import { expect, it } from "vitest";
import { simulatedClock } from "../clock/simulated-clock.js";
import { retrying } from "../delivery/retrying.js";
import { UnavailableError } from "../errors/unavailable-error.js";
import { rawBatchOf } from "../log/raw-batch-of.js";
import { text, timestamp } from "../streams/column-type.js";
import { defineStream } from "../streams/define-stream.js";
import { planStreams } from "../streams/stream-plan.js";
import { decodeBatch } from "./decode-batch.js";
import { createEventDecoder } from "./event-decoder.js";

const { signal } = new AbortController();
const NOW = Date.UTC(2026, 2, 1);

/** Values of one byte, each the number of a song that a catalogue knows: asked for once, and away as often as is said. */
class Catalogue {
  readonly #songs = new Map<number, string>();
  readonly asked: number[][] = [];

  constructor(private readonly songs: readonly string[], private away = 0) {}

  // As a class has it: these must be called on their object.
  async prepare(values: Iterable<Uint8Array>): Promise<void> {
    const unknown = [...new Set(Array.from(values, ([number]) => number!))].filter((number) => !this.#songs.has(number));
    this.asked.push(unknown);
    if (this.away-- > 0) throw new UnavailableError("asking the catalogue", "it is away");
    for (const number of unknown) if (this.songs[number] !== undefined) this.#songs.set(number, this.songs[number]);
  }

  decode([number]: Uint8Array): unknown {
    const song = this.#songs.get(number!);
    if (song === undefined) throw new Error(`no song ${number}`);
    return { at: NOW, song };
  }
}

function decoderOf(catalogue: Catalogue) {
  const stream = defineStream({ topic: "plays", columns: { at: timestamp("ms"), song: text() }, eventTime: "at", decode: catalogue, maxRecordBytes: 1 });
  return createEventDecoder<{ readonly song: string }>(planStreams([], [stream.definition])[0]!);
}

const rawOf = (...values: (readonly number[] | null)[]) =>
  rawBatchOf(
    { topic: "plays", logVersion: 1_024, partition: 0 },
    values.map((value, i) => ({ offset: i, appendedAt: NOW, value: value === null ? null : Uint8Array.from(value) })),
  );

it("prepares a decoder with the values that it will be given, and no others", async () => {
  const catalogue = new Catalogue(["Yesterday", "Help"]);
  const decoder = decoderOf(catalogue);
  const batch = await decodeBatch(decoder, rawOf([1], null, [0], [0, 0], [7], [1]), signal);
  expect(catalogue.asked).toEqual([[1, 0, 7]]);
  expect([...batch.rows].map(({ song }) => song)).toEqual(["Help", "Yesterday", "Help"]);
  expect(batch.deadLetters.map(({ offset, reason, detail }) => [offset, reason, detail])).toEqual([
    [1, "null-value", "the record has no value"],
    [3, "too-large", "the record has 2 bytes, but at most 1 are taken"],
    [4, "undecodable", "decoding failed: no song 7"],
  ]);
});

it("waits for what a decoder needs, and makes no dead letter of a record meanwhile", async () => {
  const catalogue = new Catalogue(["Yesterday"], 3);
  const decoder = decoderOf(catalogue);
  const clock = simulatedClock(NOW);
  const retry = retrying({ maxAttempts: Infinity }, { clock, random: () => 0.5 });
  const decoding = decodeBatch(decoder, rawOf([0]), signal, retry);
  await clock.advance(1_000);
  const batch = await decoding;
  expect(catalogue.asked).toEqual([[0], [0], [0], [0]]);
  expect([[...batch.rows].map(({ song }) => song), batch.deadLetters]).toEqual([["Yesterday"], []]);
});

it("fails with what a decoder lacks once it is no longer waited for", async () => {
  await expect(decodeBatch(decoderOf(new Catalogue([], 1)), rawOf([0]), signal)).rejects.toThrow("asking the catalogue: it is away");
});

it("refuses to decode what the decoder was not prepared for", async () => {
  const decoder = decoderOf(new Catalogue(["Yesterday"]));
  await decodeBatch(decoder, rawOf([0]), signal);
  expect(() => decoder.decode(rawOf([0]))).toThrow('decoding records of "plays": its decoder was not prepared for them');
});

it("lets an error through that says it may be retried: it says nothing of the record", () => {
  const decode = () => {
    throw new UnavailableError("asking the catalogue", "it is away");
  };
  const stream = defineStream({ topic: "plays", columns: { at: timestamp("ms") }, eventTime: "at", decode });
  expect(() => createEventDecoder(planStreams([], [stream.definition])[0]!).decode(rawOf([0]))).toThrow("asking the catalogue: it is away");
});
