import { ConflictException, Injectable, NotFoundException } from "@nestjs/common";

export interface Booking {
  item: string;
  change: number;
  at: string;
}

/** What is in store, in memory; each change is a booking. */
@Injectable()
export class Stock {
  private readonly amounts = new Map([["bolts", 100], ["nuts", 80], ["washers", 250]]);
  private readonly bookings: Booking[] = [];

  all(): Record<string, number> {
    return Object.fromEntries(this.amounts);
  }

  book(item: string, change: number): number {
    const amount = this.amounts.get(item);
    if (amount === undefined) throw new NotFoundException(`there are no ${item}`);
    if (amount + change < 0) throw new ConflictException(`there are only ${amount} ${item}`);
    this.amounts.set(item, amount + change);
    this.bookings.push({ item, change, at: new Date().toISOString() });
    return amount + change;
  }

  newest(count: number): Booking[] {
    return this.bookings.slice(-count).reverse();
  }
}
