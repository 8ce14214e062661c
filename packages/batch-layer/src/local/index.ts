export { localFileSystem, type LocalFileSystemOptions } from "./local-file-system.js";
