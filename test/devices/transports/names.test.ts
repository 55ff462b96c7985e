import { expect, test } from 'vitest';
import { parsePhones } from '../../../src/devices/transports/adb/phones.ts';
import { parseDeviceName } from '../../../src/devices/transports/device-name.ts';
import { quote } from '../../../src/devices/transports/remote/quote.ts';
import { exitOfStatus } from '../../../src/devices/transports/remote/status.ts';

test.each([
  ['local', { kind: 'local' }],
  ['adb', { kind: 'adb' }],
  ['adb:R58M123ABC', { kind: 'adb', serial: 'R58M123ABC' }],
  ['adb:192.168.0.7:5555', { kind: 'adb', serial: '192.168.0.7:5555' }],
  ['adb:adb-X-1._adb-tls-connect._tcp.', { kind: 'adb', serial: 'adb-X-1._adb-tls-connect._tcp.' }],
  ['ssh:raspberry', { kind: 'ssh', host: 'raspberry' }],
  ['ssh:pi@board.example:2222', { kind: 'ssh', user: 'pi', host: 'board.example', port: 2222 }],
  ['ssh:pi@[fe80::1]:22', { kind: 'ssh', user: 'pi', host: 'fe80::1', port: 22 }],
])('%s names a device', (text, device) => expect(parseDeviceName(text)).toEqual(device));

test.each([
  '',
  'Local',
  'adb:',
  'adb:-s',
  'adb:a b',
  'ssh:',
  'ssh:-oProxyCommand=x',
  'ssh:pi@-x',
  ...['ssh:a;b', "ssh:a'b", 'ssh:a"b', 'ssh:$(x)', 'ssh:a`x`@b', 'ssh:a|b', 'ssh:[a;b]', 'ssh:a\\b'],
  ...['ssh:a\nb', 'ssh:a\n', 'adb:a\nb', 'adb:a\0b', 'local\n', 'ssh:a b', 'ssh:a\0b'],
  'ssh:a:b',
  'ssh:a:0',
  'ssh:a:99999',
  'usb:1',
])('%j names none', (text) => {
  expect(() => parseDeviceName(text)).toThrow(/^device: '.*' names none; expected local, adb, adb:SERIAL, /s);
});

test('reads what adb lists', () => {
  const text = `* daemon not running; starting now at tcp:5037
* daemon started successfully
List of devices attached
R58M123ABC             device usb:1-2 product:dm1qxxx model:SM_S911B device:dm1q transport_id:1
10.77.1.2:5555         offline transport_id:2
9A211FFAZ0             unauthorized usb:1-3 transport_id:3
????????????           no permissions (user in plugdev group; are your udev rules wrong?); see [http://developer.android.com/tools/device.html] usb:1-4 transport_id:4
`;
  expect(parsePhones(text)).toEqual([
    { serial: 'R58M123ABC', state: 'device' },
    { serial: '10.77.1.2:5555', state: 'offline' },
    { serial: '9A211FFAZ0', state: 'unauthorized' },
    { serial: '????????????', state: 'no permissions' },
  ]);
});

test('quotes for a POSIX shell', () => {
  expect(quote(['echo', '', "it's", '$x\n'])).toBe("'echo' '' 'it'\\''s' '$x\n'");
});

test.each([
  [0, { code: 0, signal: null }],
  [127, { code: 127, signal: null }],
  [137, { code: null, signal: 'SIGKILL' }],
  [139, { code: null, signal: 'SIGSEGV' }],
  [255, { code: 255, signal: null }],
])('status %d', (status, exit) => expect(exitOfStatus(status)).toEqual(exit));
