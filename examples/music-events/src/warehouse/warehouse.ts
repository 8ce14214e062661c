import type { Columns, Model } from "millrace";
import { dimDate } from "./dim-date.js";
import { dimLocation } from "./dim-location.js";
import { dimSong } from "./dim-song.js";
import { dimTime } from "./dim-time.js";
import { dimUser } from "./dim-user.js";
import { factAuth } from "./fact-auth.js";
import { factListen } from "./fact-listen.js";
import { factPageView } from "./fact-page-view.js";
import { stageLocation } from "./stage-location.js";
import { stageSong } from "./stage-song.js";
import { stageUser } from "./stage-user.js";

/** The star schema: three facts and the five dimensions that they share. */
export const starSchema: readonly Model<string, Columns>[] = [dimTime, dimDate, dimUser, dimSong, dimLocation, factListen, factAuth, factPageView];

/** All tables of the warehouse: before the star schema, what its dimensions are made from date by date. */
export const warehouse: readonly Model<string, Columns>[] = [stageUser, stageSong, stageLocation, ...starSchema];
