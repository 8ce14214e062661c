import type { FileSystem } from "@millrace/core";
import { sparkText } from "./spark-scan.js";

/** A file or folder as Spark names it, whatever its default file system is. */
export const sparkUri = (uri: string): string => (uri.startsWith("/") ? `file://${uri}` : uri);

/** The literal of a file or folder by its path. */
export const sparkLocation = (files: FileSystem, path: string): string => sparkText(sparkUri(files.uri(path)));
