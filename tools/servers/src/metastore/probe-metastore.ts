import { once } from "node:events";
import { connect } from "node:net";
import { NotYetError } from "../errors/not-yet-error.js";

/** A call in the binary protocol of Thrift: version and kind, name, number of the call, no arguments. */
function callOf(name: string): Buffer {
  const head = Buffer.alloc(8);
  head.writeUInt32BE(0x80010001, 0);
  head.writeUInt32BE(name.length, 4);
  return Buffer.concat([head, Buffer.from(name), Buffer.from([0, 0, 0, 1]), Buffer.from([0])]);
}

const NAME = "get_all_databases";
/** Version and kind of an answer that is no exception. */
const REPLY = 0x80010002;

/** Resolves when a metastore has told its databases. */
export async function probeMetastore(port: number, signal: AbortSignal): Promise<void> {
  const socket = connect(port, "127.0.0.1");
  try {
    await once(socket, "connect", { signal });
    socket.write(callOf(NAME));
    let answer = Buffer.alloc(0);
    while (answer.length < 8) {
      const [part] = (await Promise.race([once(socket, "data", { signal }), once(socket, "close", { signal }).then(() => Promise.reject(new NotYetError("the metastore closed the connection")))])) as [Buffer];
      answer = Buffer.concat([answer, part]);
    }
    if (answer.readUInt32BE(0) !== REPLY) throw new NotYetError(`the metastore answers "${NAME}" with an exception: ${answer.toString("latin1").replace(/[^ -~]+/g, " ").slice(0, 500)}`);
  } finally {
    socket.destroy();
  }
}
