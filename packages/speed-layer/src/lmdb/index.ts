export { lmdbViewStore, type LmdbViewStoreOptions } from "./lmdb-view-store.js";
