import { createHash, type Hash } from "node:crypto";
import type { FileInfo, FileWriter } from "@millrace/core";
import { RecordBatchStreamWriter, type RecordBatch } from "apache-arrow";
import { Table, transformParquetStream, type RecordBatch as WasmRecordBatch, type WriterProperties } from "parquet-wasm";

/** What was written, before anybody can see it. */
export interface SealedFile {
  readonly bytes: number;
  /** SHA-256, hex. */
  readonly sha256: string;
}

/**
 * Encodes record batches as one Parquet file while they come. Memory: one record batch, and the row group being
 * encoded; WebAssembly memory is used again and never given back.
 *
 * The calls are made one after the other: `write`*, `seal`, `commit`; `abort` at any point leaves nothing behind.
 */
export class ParquetFileWriter {
  readonly #file: FileWriter;
  readonly #hash: Hash = createHash("sha256");
  readonly #encoded: Promise<void>;
  #controller!: ReadableStreamDefaultController<WasmRecordBatch>;
  #bytes = 0;
  #failure: { readonly error: unknown } | undefined;
  #wake: (() => void) | undefined;

  constructor(file: FileWriter, properties: WriterProperties) {
    this.#file = file;
    const input = new ReadableStream<WasmRecordBatch>(
      {
        start: (controller) => {
          this.#controller = controller;
        },
        pull: () => this.#wake?.(),
      },
      { highWaterMark: 1 },
    );
    this.#encoded = this.#pump(input, properties).catch((error: unknown) => {
      this.#failure = { error };
      this.#wake?.();
    });
  }

  /** Resolves when the batch's place in the queue is free again; the batch's buffers may be used again at once. */
  async write(batch: RecordBatch): Promise<void> {
    if (this.#failure) throw this.#failure.error;
    // Only the stream format of Arrow IPC is read by parquet-wasm.
    const table = Table.fromIPCStream(RecordBatchStreamWriter.writeAll([batch]).toUint8Array(true));
    const part = table.recordBatch(0);
    table.free();
    if (part === undefined) return;
    this.#controller.enqueue(part); // the encoder takes it over and frees it
    while (!this.#failure && (this.#controller.desiredSize ?? 0) <= 0) await new Promise<void>((resolve) => (this.#wake = resolve));
    this.#wake = undefined;
    this.#rethrow();
  }

  /** Ends the file's content. */
  async seal(): Promise<SealedFile> {
    this.#rethrow();
    this.#controller.close();
    await this.#encoded;
    this.#rethrow();
    return { bytes: this.#bytes, sha256: this.#hash.digest("hex") };
  }

  /** Makes the sealed file visible. */
  commit(): Promise<FileInfo> {
    return this.#file.commit();
  }

  async abort(): Promise<void> {
    try {
      this.#controller.error(new Error("writing a parquet file was given up"));
    } catch {
      // the stream had ended already
    }
    await this.#encoded;
    await this.#file.abort();
  }

  #rethrow(): void {
    if (this.#failure) throw this.#failure.error;
  }

  async #pump(input: ReadableStream<WasmRecordBatch>, properties: WriterProperties): Promise<void> {
    const output = (await transformParquetStream(input, properties)) as ReadableStream<Uint8Array>;
    const reader = output.getReader();
    for (;;) {
      const { done, value } = await reader.read();
      if (done) return;
      this.#hash.update(value);
      this.#bytes += value.length;
      await this.#file.write(value);
    }
  }
}
