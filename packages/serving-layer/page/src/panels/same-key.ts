/** Whether two values of a dimension are one. */
export const sameKey = (a: unknown, b: unknown): boolean => a === b || (a instanceof Date && b instanceof Date && a.getTime() === b.getTime());
