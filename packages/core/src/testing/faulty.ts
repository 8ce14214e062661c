import type { FaultPlan } from "./fault-plan.js";

/** Methods that do no I/O: they pass, uncounted. */
const PASSING: ReadonlySet<PropertyKey> = new Set(["uri", "now", "on", "toString", "toJSON", "then", "constructor"]);

/**
 * A port whose calls obey a {@link FaultPlan}: every method that gives a promise or an async iterable is counted as
 * `<name>.<method>`, each step of an iterable as `<name>.<method>.next`, and the methods of what a call resolves to (a
 * file writer) as `<name>.<method>.<theirs>`. `uri` and `now` pass.
 */
export function faulty<P extends object>(name: string, port: P, plan: FaultPlan): P {
  return new Proxy(port, {
    get(target, property) {
      const value: unknown = Reflect.get(target, property, target);
      if (typeof value !== "function" || typeof property === "symbol" || PASSING.has(property)) return value;
      const method = `${name}.${property}`;
      return (...args: unknown[]): unknown => {
        const apply = (): unknown => Reflect.apply(value, target, args);
        // Async generators do nothing before their first step, so making one is no call.
        if (isIterating(target, property)) return steps(method, apply, plan, signalOf(args));
        return call(method, apply, plan, signalOf(args));
      };
    },
  });
}

/** Ports give async iterables from methods of this name. */
function isIterating(target: object, property: string): boolean {
  return property === "read" && ("append" in target || "readProgress" in target);
}

async function call(method: string, apply: () => unknown, plan: FaultPlan, signal: AbortSignal | undefined): Promise<unknown> {
  const { call, fault } = plan.begin(method);
  switch (fault) {
    case "fails-before":
      throw plan.failure(call, "fails before it is done");
    case "crashes-before":
      throw plan.crash(call);
    case "hangs":
      return hang(signal);
    case "twice":
      await apply();
      return wrapped(method, await apply(), plan);
    case "fails-after":
      await apply();
      throw plan.failure(call, "is done, and the reply is lost");
    case "crashes-after":
      await apply();
      throw plan.crash(call);
    case undefined: {
      const result = await apply();
      // Whoever died meanwhile gets no reply.
      if (plan.crashed) throw plan.crash(call);
      return wrapped(method, result, plan);
    }
  }
}

async function* steps(method: string, apply: () => unknown, plan: FaultPlan, signal: AbortSignal | undefined): AsyncGenerator<unknown> {
  const iterator = (apply() as AsyncIterable<unknown>)[Symbol.asyncIterator]();
  try {
    for (;;) {
      const { call, fault } = plan.begin(`${method}.next`);
      if (fault === "fails-before") throw plan.failure(call, "fails before it is done");
      if (fault === "crashes-before") throw plan.crash(call);
      if (fault === "hangs") await hang(signal);
      const next = await iterator.next();
      if (fault === "fails-after") throw plan.failure(call, "is done, and the reply is lost");
      if (fault === "crashes-after" || plan.crashed) throw plan.crash(call);
      if (next.done) return;
      yield next.value;
      // At least once: the same batch comes again.
      if (fault === "twice") yield next.value;
    }
  } finally {
    await iterator.return?.();
  }
}

/** What a call resolved to, wrapped too when it has methods of its own; plain data stays. */
function wrapped(method: string, result: unknown, plan: FaultPlan): unknown {
  if (typeof result !== "object" || result === null || ArrayBuffer.isView(result) || Array.isArray(result)) return result;
  const own = Object.values(result).some((value) => typeof value === "function");
  const inherited = Object.getPrototypeOf(result) !== Object.prototype && !(Symbol.iterator in result);
  return own || inherited ? faulty(method, result, plan) : result;
}

function hang(signal: AbortSignal | undefined): Promise<never> {
  return new Promise((_, reject) => {
    if (signal?.aborted) return reject(signal.reason as Error);
    signal?.addEventListener("abort", () => reject(signal.reason as Error), { once: true });
  });
}

function signalOf(args: readonly unknown[]): AbortSignal | undefined {
  const last = args.at(-1);
  return last instanceof AbortSignal ? last : undefined;
}
