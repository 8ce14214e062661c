/** A text without the credentials of the URLs in it, and without values of parameters that are named like secrets. */
export const maskSecrets = (text: string): string =>
  text.replace(/:\/\/[^/\s@]+@/g, "://***@").replace(/((?:token|secret|password|passwd|api[-_]?key|access[-_]?key|signature)\s*[=:]\s*)[^\s&;,"']+/gi, "$1***");
