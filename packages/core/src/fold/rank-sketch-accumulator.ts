import type { ColumnBatch } from "../events/event-batch.js";
import { HLL_RANK_BITS, HLL_REGISTERS } from "../measures/hyper-log-log.js";
import { coordinateName } from "../measures/coordinate-name.js";
import type { CoordinateDefinition } from "../measures/measure-definition.js";
import { encodeRegisters, encodeSketch } from "../measures/sketch.js";
import type { CellAccumulator } from "./cell-accumulator.js";
import { SlotRegions } from "./slot-regions.js";

const RANK_MASK = (1 << HLL_RANK_BITS) - 1;
/** A dense sketch has a byte a register: as many places of four bytes as this many bits say. */
const DENSE_BITS = Math.log2(HLL_REGISTERS / 4);
const GOLDEN = 0x9e3779b1 | 0;

/**
 * HyperLogLog registers of every slot. Small sets are hash tables of packed coordinates, at most three quarters full;
 * from 384 registers on a byte a register, which is no larger than the next table would be.
 */
export class RankSketchAccumulator implements CellAccumulator {
  readonly #coordinate: string;
  /** Sparse: coordinate + 1, 0 is free. Dense: four registers a place. */
  #places = new Int32Array(1_024);
  #ranks = new Uint8Array(this.#places.buffer);
  readonly #regions = new SlotRegions((length) => {
    if (length <= this.#places.length) return;
    const places = new Int32Array(Math.max(length, this.#places.length * 2));
    places.set(this.#places);
    this.#places = places;
    this.#ranks = new Uint8Array(places.buffer);
  });

  constructor(coordinate: CoordinateDefinition) {
    this.#coordinate = coordinateName(coordinate);
  }

  grow(capacity: number): void {
    this.#regions.grow(capacity);
  }

  add(batch: ColumnBatch, from: number, length: number, slots: Int32Array): void {
    const coordinates = batch.coordinates[this.#coordinate]!;
    const { starts, bits } = this.#regions;
    let ranks = this.#ranks;
    for (let i = 0; i < length; i++) {
      const slot = slots[i]!;
      const coordinate = coordinates[from + i]!;
      if (slot < 0 || coordinate < 0) continue;
      if (bits[slot] === DENSE_BITS) {
        const at = starts[slot]! * 4 + (coordinate >>> HLL_RANK_BITS);
        const rank = coordinate & RANK_MASK;
        if (ranks[at]! < rank) ranks[at] = rank;
      } else {
        this.#addSparse(slot, coordinate);
        ranks = this.#ranks;
      }
    }
  }

  value(slot: number): Uint8Array {
    const { starts, bits } = this.#regions;
    const start = starts[slot]!;
    if (bits[slot] === DENSE_BITS) return encodeRegisters(this.#ranks.subarray(start * 4, start * 4 + HLL_REGISTERS));
    const entries: [register: number, rank: number][] = [];
    if (bits[slot]! > 0) {
      for (let at = start; at < start + 2 ** bits[slot]!; at++) {
        const coordinate = this.#places[at]! - 1;
        if (coordinate >= 0) entries.push([coordinate >>> HLL_RANK_BITS, coordinate & RANK_MASK]);
      }
    }
    return encodeSketch("maxByKey", entries);
  }

  clear(size: number): void {
    this.#regions.clear(size);
  }

  #addSparse(slot: number, coordinate: number): void {
    const { starts, bits, used } = this.#regions;
    const size = bits[slot] === 0 ? 0 : 1 << bits[slot]!;
    if (size > 0) {
      const register = coordinate >>> HLL_RANK_BITS;
      const start = starts[slot]!;
      const at = this.#find(start, bits[slot]!, register);
      const before = this.#places[at]! - 1;
      if (before >= 0) {
        if (before < coordinate) this.#places[at] = coordinate + 1;
        return;
      }
      if ((used[slot]! + 1) * 4 <= size * 3) {
        this.#places[at] = coordinate + 1;
        used[slot]!++;
        return;
      }
    }
    this.#enlarge(slot);
    if (bits[slot] === DENSE_BITS) {
      const at = starts[slot]! * 4 + (coordinate >>> HLL_RANK_BITS);
      const rank = coordinate & RANK_MASK;
      if (this.#ranks[at]! < rank) this.#ranks[at] = rank;
    } else this.#addSparse(slot, coordinate);
  }

  /** The place of a register, or the free one where it belongs. */
  #find(start: number, bits: number, register: number): number {
    const mask = (1 << bits) - 1;
    const places = this.#places;
    for (let place = Math.imul(register, GOLDEN) >>> (32 - bits); ; place = (place + 1) & mask) {
      const coordinate = places[start + place]! - 1;
      if (coordinate < 0 || coordinate >>> HLL_RANK_BITS === register) return start + place;
    }
  }

  #enlarge(slot: number): void {
    const { starts, bits } = this.#regions;
    const old = bits[slot] === 0 ? [] : this.#places.slice(starts[slot], starts[slot]! + (1 << bits[slot]!));
    this.#regions.enlarge(slot);
    const start = starts[slot]!;
    const size = bits[slot]!;
    this.#places.fill(0, start, start + (1 << size));
    for (const entry of old) {
      if (entry === 0) continue;
      const register = (entry - 1) >>> HLL_RANK_BITS;
      if (size === DENSE_BITS) this.#ranks[start * 4 + register] = (entry - 1) & RANK_MASK;
      else this.#places[this.#find(start, size, register)] = entry;
    }
  }
}
