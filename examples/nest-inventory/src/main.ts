import "reflect-metadata";

import { Module } from "@nestjs/common";
import { NestFactory } from "@nestjs/core";

import { StockController } from "./stock.controller";
import { Stock } from "./stock.service";

@Module({ controllers: [StockController], providers: [Stock] })
class Application {}

async function main(): Promise<void> {
  const app = await NestFactory.create(Application);
  app.enableShutdownHooks();
  await app.listen(Number(process.env.PORT ?? 3000), "127.0.0.1");
}

void main();
