import { createApp } from "./app.ts";

export { RollupObject } from "./objects/rollup-object.ts";
export { ShardObject } from "./objects/shard-object.ts";

export default createApp();
