/** Whether the site knows who is looking. */
export type Auth = "Guest" | "Logged In" | "Logged Out" | "Cancelled";
export type Level = "free" | "paid";

type AnyonesPage = "Home" | "About" | "Help" | "Error";
type MembersPage = AnyonesPage | "NextSong" | "Settings" | "Save Settings" | "Logout" | "Cancel";
type FreePage = "Upgrade" | "Submit Upgrade" | "Submit Registration";
type PaidPage = "Downgrade" | "Submit Downgrade";

export type Page = MembersPage | FreePage | PaidPage | "Register" | "Login" | "Cancellation Confirmation";

/** Where a user can be: 40 combinations of page, auth and level. A guest is always free, and hears no songs. */
export type State =
  | `${AnyonesPage | "Register"}|Guest|free`
  | `${AnyonesPage | "Login"}|Logged Out|${Level}`
  | `${MembersPage}|Logged In|${Level}`
  | `${FreePage}|Logged In|free`
  | `${PaidPage}|Logged In|paid`
  | `Cancellation Confirmation|Cancelled|${Level}`;

/** What is left of a state when its session is over, and where the user's next session starts. */
export type Standing = "Guest|free" | `${"Logged In" | "Logged Out"}|${Level}`;

type Method = "GET" | "PUT";
type Status = 200 | 307 | 404;

/** What the rules and the records need to know about a state. */
export interface StateFacts {
  readonly page: Page;
  readonly auth: Auth;
  /** On a change of level still the old one: the page after it is the first with the new. */
  readonly level: Level;
  readonly method: Method;
  readonly status: Status;
  /** The browser goes on to the next page by itself, one second later. */
  readonly isRedirect: boolean;
  /** Records of guests and of logged-out users do not say who it was. */
  readonly showsUser: boolean;
}

const redirects: ReadonlySet<Page> = new Set<Page>([
  "Login",
  "Logout",
  "Cancel",
  "Save Settings",
  "Submit Registration",
  "Submit Upgrade",
  "Submit Downgrade",
]);

export function factsOf(state: State): StateFacts {
  const [page, auth, level] = state.split("|") as [Page, Auth, Level];
  const isRedirect = redirects.has(page);
  return {
    page,
    auth,
    level,
    method: isRedirect || page === "NextSong" ? "PUT" : "GET",
    status: isRedirect ? 307 : page === "Error" ? 404 : 200,
    isRedirect,
    showsUser: auth === "Logged In" || auth === "Cancelled",
  };
}
