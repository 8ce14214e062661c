/** Where a user can be. The five fields together are its identity: a page is another state when logged out. */
export interface State {
  readonly page: string;
  /** Whether the site knows who is looking: "Guest", "Logged In", "Logged Out", "Cancelled". */
  readonly auth: string;
  /** "free" or "paid". On a change of level still the old one: the page after it is the first with the new. */
  readonly level: string;
  readonly method: string;
  /** HTTP status: 200, 307, 404. */
  readonly status: number;
}

/** What is left of a state when its session is over, and where the user's next session starts. */
export type Standing = Pick<State, "auth" | "level">;

/** As a key of maps. */
export const standingKey = ({ auth, level }: Standing): string => JSON.stringify([auth, level]);

/** As a key of maps. */
export const stateKey = ({ page, auth, level, method, status }: State): string => JSON.stringify([page, auth, level, method, status]);
