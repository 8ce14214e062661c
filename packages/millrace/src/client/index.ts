// The typed client of a served lambda, for Node and browsers.
export * from "@millrace/serving-layer/client";
