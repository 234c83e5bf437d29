import { DateTime } from "luxon";

export const ZONES = ["UTC", "Europe/Berlin", "America/New_York", "Asia/Kolkata", "Asia/Tokyo"];

export interface Local {
  zone: string;
  time: string;
  office: boolean;
}

/** A local time in each zone; null where the time or a zone is none. */
export function meeting(at: string, from: string, zones = ZONES): Local[] | null {
  const start = DateTime.fromISO(at, { zone: from });
  const there = zones.map((zone) => start.setZone(zone));
  if (![start, ...there].every((one) => one.isValid)) return null;
  return there.map((one, index) => ({
    zone: zones[index]!,
    time: one.toFormat("ccc d LLL HH:mm"),
    office: one.weekday <= 5 && one.hour >= 9 && one.hour < 17,
  }));
}
