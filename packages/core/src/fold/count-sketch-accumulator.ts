import type { ColumnBatch } from "../events/event-batch.js";
import { coordinateName } from "../measures/coordinate-name.js";
import type { CoordinateDefinition } from "../measures/measure-definition.js";
import { encodeSketch } from "../measures/sketch.js";
import type { CellAccumulator } from "./cell-accumulator.js";
import { SlotRegions } from "./slot-regions.js";

const GOLDEN = 0x9e3779b1 | 0;

/** Counts by coordinate (DDSketch buckets) of every slot: hash tables, at most three quarters full. */
export class CountSketchAccumulator implements CellAccumulator {
  readonly #coordinate: string;
  /** Coordinate + 1, 0 is free; its count lies at the same place. */
  #keys = new Int32Array(1_024);
  #counts = new Float64Array(1_024);
  readonly #regions = new SlotRegions((length) => {
    if (length <= this.#keys.length) return;
    const keys = new Int32Array(Math.max(length, this.#keys.length * 2));
    keys.set(this.#keys);
    const counts = new Float64Array(keys.length);
    counts.set(this.#counts);
    this.#keys = keys;
    this.#counts = counts;
  });

  constructor(coordinate: CoordinateDefinition) {
    this.#coordinate = coordinateName(coordinate);
  }

  grow(capacity: number): void {
    this.#regions.grow(capacity);
  }

  add(batch: ColumnBatch, from: number, length: number, slots: Int32Array): void {
    const coordinates = batch.coordinates[this.#coordinate]!;
    for (let i = 0; i < length; i++) {
      const slot = slots[i]!;
      const coordinate = coordinates[from + i]!;
      if (slot >= 0 && coordinate >= 0) this.#add(slot, coordinate);
    }
  }

  value(slot: number): Uint8Array {
    const entries: [coordinate: number, count: number][] = [];
    const { starts, bits } = this.#regions;
    if (bits[slot]! > 0) {
      for (let at = starts[slot]!; at < starts[slot]! + 2 ** bits[slot]!; at++) {
        if (this.#keys[at] !== 0) entries.push([this.#keys[at]! - 1, this.#counts[at]!]);
      }
    }
    return encodeSketch("sumByKey", entries);
  }

  clear(size: number): void {
    this.#regions.clear(size);
  }

  #add(slot: number, coordinate: number): void {
    const { starts, bits, used } = this.#regions;
    const size = bits[slot] === 0 ? 0 : 2 ** bits[slot]!;
    if (size > 0) {
      const at = this.#find(starts[slot]!, bits[slot]!, coordinate);
      if (this.#keys[at] !== 0) {
        this.#counts[at]!++;
        return;
      }
      if ((used[slot]! + 1) * 4 <= size * 3) {
        this.#keys[at] = coordinate + 1;
        this.#counts[at] = 1;
        used[slot]!++;
        return;
      }
    }
    this.#enlarge(slot);
    this.#add(slot, coordinate);
  }

  /** The place of a coordinate, or the free one where it belongs. */
  #find(start: number, bits: number, coordinate: number): number {
    const mask = 2 ** bits - 1;
    const keys = this.#keys;
    for (let place = Math.imul(coordinate, GOLDEN) >>> (32 - bits); ; place = (place + 1) & mask) {
      const key = keys[start + place]!;
      if (key === 0 || key === coordinate + 1) return start + place;
    }
  }

  #enlarge(slot: number): void {
    const { starts, bits } = this.#regions;
    const from = starts[slot]!;
    const until = bits[slot] === 0 ? from : from + 2 ** bits[slot]!;
    const keys = this.#keys.slice(from, until);
    const counts = this.#counts.slice(from, until);
    this.#regions.enlarge(slot);
    const start = starts[slot]!;
    this.#keys.fill(0, start, start + 2 ** bits[slot]!);
    for (let i = 0; i < keys.length; i++) {
      if (keys[i] === 0) continue;
      const at = this.#find(start, bits[slot]!, keys[i]! - 1);
      this.#keys[at] = keys[i]!;
      this.#counts[at] = counts[i]!;
    }
  }
}
