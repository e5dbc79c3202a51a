import { NestFactory } from '@nestjs/core';
import { Module } from '@nestjs/common';
@Module({})
class A {}
const app = await NestFactory.create(A);
console.log(typeof app, import.meta.url);
