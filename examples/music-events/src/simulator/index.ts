export { TOPICS } from "./simulated-event.js";
export type { SimulatedEvent, Topic } from "./simulated-event.js";
export type { SimulatorOptions } from "./simulator-options.js";
export { SimulatorOptionsError } from "./simulator-options.js";
export { PopulationGoneError, simulate, simulateUntil } from "./simulate.js";
export { eventsPerSecond, usersForRate } from "./event-rate.js";
// configuration
export type { SimulatorConfig } from "./config/simulator-config.js";
export { CONFIG_NAMES, loadConfig } from "./config/load-config.js";
export { readConfig } from "./config/read-config.js";
export { ConfigError, type ConfigProblem } from "./config/config-error.js";
// traps
export { parseTraps, traps, TRAPS, type Trap } from "./traps/trap.js";
// times on a command line
export { parseInstant } from "./instant.js";
