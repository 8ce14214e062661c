import type { InstanceOptions } from "../instance/instance.js";

/** What `startSuperset` takes. */
export interface SupersetOptions extends InstanceOptions {
  /** Port of the page and of REST. Default: a free one. */
  readonly port?: number;
  /** Requests that are answered at once. Default 4. */
  readonly threads?: number;
}

/** The one who may do everything: fixed, because Superset is on 127.0.0.1 only. */
export const SUPERSET_USER = "admin";
export const SUPERSET_PASSWORD = "admin";
