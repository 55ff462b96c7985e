// hold-forever.mjs DEVICE SECONDS: a program that is killed while a process of its runs on a device.
import process from 'node:process';
import { openTransport } from '../../../dist/devices/transports/open-transport.js';

const [, , device, seconds] = process.argv;
const transport = await openTransport(device);
await transport.start(['sleep', seconds]);
process.stdout.write('started\n');
