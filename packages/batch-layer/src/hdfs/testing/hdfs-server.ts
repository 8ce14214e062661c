/** Names a NameNode that runs already: `host:port` of its web address. */
const HDFS = "MILLRACE_TEST_HDFS";

/** The NameNode that tests run on, `host:port`. */
export function hdfsServer(): string {
  const address = process.env[HDFS];
  if (address === undefined || address === "") throw new Error(`${HDFS} must name a NameNode: host:port of dfs.namenode.http-address`);
  return address;
}
