export { memoryWarehouse, type MemoryWarehouse, type SharedEngine } from "./memory-warehouse.js";
