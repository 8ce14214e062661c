export { clickstream as default } from "./src/clickstream.js";
