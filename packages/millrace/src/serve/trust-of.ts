import type { AnyView } from "@millrace/core";
import { createTrust, type Serving, type TrustReader } from "@millrace/serving-layer";
import type { Lambda } from "../lambda/lambda.js";

/** How far both layers of a lambda are, in every topic that it reads. */
export const trustOf = ({ definitions, platform }: Pick<Lambda<AnyView>, "definitions" | "platform">, serving: Pick<Serving<never>, "coverage">): TrustReader =>
  createTrust({ ...platform, serving, views: definitions.views, topics: definitions.plans.map(({ stream }) => stream.topic) });
