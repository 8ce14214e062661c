/** Key of a property that carries a type and has no value: no object has it at run time. */
export declare const carried: unique symbol;

/** Shows a computed object type as plain properties, in editors and in error messages. */
export type Show<T> = { [K in keyof T]: T[K] } & {};
