import { createApp } from "./app.ts";

export { CatalogObject } from "./objects/catalog-object.ts";
export { RollupObject } from "./objects/rollup-object.ts";
export { ShardObject } from "./objects/shard-object.ts";

export default createApp();
