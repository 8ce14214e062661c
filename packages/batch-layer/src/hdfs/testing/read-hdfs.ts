/** A file's content, read by `fetch` and nothing of Millrace's; null when there is no such file. */
export async function readHdfs(nameNode: string, path: string): Promise<Uint8Array | null> {
  const response = await fetch(`http://${nameNode}/webhdfs/v1${path.split("/").map(encodeURIComponent).join("/")}?op=OPEN&user.name=hdfs`);
  const body = new Uint8Array(await response.arrayBuffer());
  if (response.status === 404) return null;
  if (!response.ok) throw new Error(`reading "${path}": ${response.status} ${Buffer.from(body).toString()}`);
  return body;
}
