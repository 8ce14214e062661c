import { cassandraSink } from "@millrace/speed-layer/cassandra";
import type { Sink } from "millrace";

/** One login of a user who is known. */
export interface UserLogin {
  readonly userId: number;
  readonly ts: Date;
  readonly firstName: string | null;
  readonly lastName: string | null;
  readonly gender: string | null;
  readonly level: string;
  readonly registration: Date | null;
}

/** Logins as the reference pipeline keeps them: a row each, by user and time. A user's logins come from one partition. */
export function userLoginSink({ keyspace, ...cassandra }: { readonly contactPoints: readonly string[]; readonly localDataCenter: string; readonly keyspace: string }): Sink<UserLogin> {
  return cassandraSink<UserLogin>({
    ...cassandra,
    keyspace,
    table: "user_login",
    columns: { user_id: "userId", ts: "ts", first_name: "firstName", last_name: "lastName", gender: "gender", level: "level", registration: "registration" },
    create: `CREATE TABLE IF NOT EXISTS ${keyspace}.user_login (user_id bigint, ts timestamp, first_name text, last_name text, gender text, level text, registration timestamp, PRIMARY KEY ((user_id), ts))`,
  });
}
