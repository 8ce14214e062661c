// The shapes of the US states as GeoJSON, from us-atlas (US Census Bureau): already projected (Albers, Alaska and Hawaii moved in).
import { readFileSync } from "node:fs";
import { createRequire } from "node:module";
import { feature } from "topojson-client";
import { presimplify, quantile, simplify } from "topojson-simplify";

/** Census code -> postal code. */
const CODES = "01AL 02AK 04AZ 05AR 06CA 08CO 09CT 10DE 11DC 12FL 13GA 15HI 16ID 17IL 18IN 19IA 20KS 21KY 22LA 23ME 24MD 25MA 26MI 27MN 28MS 29MO 30MT 31NE 32NV 33NH 34NJ 35NM 36NY 37NC 38ND 39OH 40OK 41OR 42PA 44RI 45SC 46SD 47TN 48TX 49UT 50VT 51VA 53WA 54WV 55WI 56WY";
const postal = new Map(CODES.split(" ").map((pair) => [pair.slice(0, 2), pair.slice(2)]));

/** The share of points that is left out, the least important first. */
const LEFT_OUT = 0.55;

export function usStates() {
  /** @type {import("topojson-specification").Topology<{ states: import("topojson-specification").GeometryCollection<{ name: string }> }>} */
  const atlas = JSON.parse(readFileSync(createRequire(import.meta.url).resolve("us-atlas/states-albers-10m.json"), "utf8"));
  const weighted = presimplify(atlas);
  const simple = simplify(weighted, quantile(weighted, LEFT_OUT));
  const states = feature(simple, simple.objects.states);
  return {
    type: "FeatureCollection",
    features: states.features.flatMap(({ id, properties, geometry }) => {
      const code = postal.get(String(id));
      if (code === undefined || (geometry.type !== "Polygon" && geometry.type !== "MultiPolygon")) return [];
      return [{ type: "Feature", properties: { name: code, fullName: properties.name }, geometry: { type: geometry.type, coordinates: upwards(geometry.coordinates) } }];
    }),
  };
}

/**
 * Charts draw latitudes upwards, pictures downwards.
 *
 * @param {readonly any[]} coordinates nested as deeply as the geometry is
 * @returns {any[]}
 */
function upwards(coordinates) {
  if (typeof coordinates[0] === "number") return [round(coordinates[0]), round(-coordinates[1])];
  return coordinates.map(upwards);
}

const round = (/** @type {number} */ value) => Math.round(value * 10) / 10;
