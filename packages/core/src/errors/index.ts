// The base of all errors alone, without anything of Node: for code that also runs in a browser.
export { MillraceError } from "./millrace-error.js";
