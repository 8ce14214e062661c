/** `successRate` and `listen_count` as words: "Success rate", "Listen count". */
export function labelOf(name: string): string {
  const words = name.replace(/_/g, " ").replace(/([a-z\d])([A-Z])/g, (_, before: string, capital: string) => `${before} ${capital.toLowerCase()}`).trim();
  return words === "" ? name : words[0]!.toUpperCase() + words.slice(1);
}
