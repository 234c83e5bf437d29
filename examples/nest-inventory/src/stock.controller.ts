import { Body, Controller, Get, Header, Param, ParseIntPipe, Post, Redirect } from "@nestjs/common";

import { page } from "./page";
import { Stock } from "./stock.service";

@Controller()
export class StockController {
  constructor(private readonly stock: Stock) {}

  @Get()
  @Header("Content-Type", "text/html; charset=utf-8")
  home(): string {
    return page(this.stock.all(), this.stock.newest(10));
  }

  @Post("items/:item")
  @Redirect("/", 303)
  book(@Param("item") item: string, @Body("change", ParseIntPipe) change: number): void {
    this.stock.book(item, change);
  }

  @Get("api/stock")
  all(): Record<string, number> {
    return this.stock.all();
  }

  @Get("healthz")
  health(): { status: string } {
    return { status: "ok" };
  }
}
