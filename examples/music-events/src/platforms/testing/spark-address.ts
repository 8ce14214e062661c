/** Names a Spark Thrift Server that runs already and reads the files of this machine: `host:port`. */
const SPARK = "MILLRACE_TEST_SPARK";

/** The server that tests run on. */
export function sparkAddress(): { readonly host: string; readonly port: number } {
  const [host, port] = (process.env[SPARK] ?? "").split(":");
  if (host === undefined || port === undefined) throw new Error(`${SPARK} must name a Spark Thrift Server: host:port`);
  return { host, port: Number(port) };
}
