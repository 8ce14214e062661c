export type { SimulatedEvent, Topic } from "./simulated-event.js";
export type { SimulatorOptions } from "./simulator-options.js";
export { SimulatorOptionsError } from "./simulator-options.js";
export { simulate } from "./simulate.js";
export { PopulationGoneError } from "./simulation.js";
export { eventsPerSecond, usersForRate } from "./event-rate.js";
