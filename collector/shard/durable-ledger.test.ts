import { gzipSync } from "node:zlib";
import { expect, test } from "vitest";
import type { EventBatch, TidemarkEvent } from "../event/event.ts";
import { encodePart } from "../lake/encode-part.ts";
import { HOUR_MS } from "../stream/pane.ts";
import { DurableShard, type ShardPorts } from "./durable-shard.ts";
import { MemoryDisk } from "./memory-disk.ts";
import type { ShardLedger } from "./shard-ledger.ts";

const NOW_MS = Date.UTC(2026, 10, 21, 12, 30);
const EVERYTHING = { fromMs: 0, toMs: Number.MAX_SAFE_INTEGER };
const DAY_MS = 24 * HOUR_MS;
