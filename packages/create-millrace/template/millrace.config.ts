// What the `millrace` command works with: npx millrace --help
export { shop as default } from "./src/shop.js";
