import { sql, type Column, type Dialect, type Sql } from "millrace";

type Instants = Column<string, "timestamp", unknown> | Sql;
type Texts = Column<string, "text", unknown> | Sql;
type Numbers = Column<string, "int64", unknown> | Sql;
type Doubles = Column<string, "float64", unknown> | Sql;

/*
 * The surrogate keys of the dimensions, from what identifies a member. Facts and dimensions take them from here, so that
 * a fact needs no join to find its member, and every rebuild gives the same keys.
 */

/** A recording: title, artist and duration. All null is the member that stands for "no song". */
export const songKey = (d: Dialect, title: Texts, artist: Texts, duration: Column<string, "decimal", unknown>): Sql => d.key(title, artist, duration);

/** Coordinates in millionths of a degree, a tenth of a metre: a double is written differently by every engine. */
const millionths = (degrees: Doubles): Sql => sql`cast(round(${degrees} * 1000000) as bigint)`;

export const locationKey = (d: Dialect, place: { readonly city: Texts; readonly zip: Texts; readonly state: Texts; readonly lon: Doubles; readonly lat: Doubles }): Sql =>
  d.key(place.city, place.zip, place.state, millionths(place.lon), millionths(place.lat));

/** A user's version that begins at an instant; null for the first. */
export const userVersionKey = (d: Dialect, userId: Numbers, validFrom: Instants): Sql => d.key(userId, d.epochMs(validFrom));

/** Whoever is not logged in, by the level that the event carries. */
export const unknownUserKey = (d: Dialect, level: Texts): Sql => d.key(sql`cast(null as bigint)`, level);
