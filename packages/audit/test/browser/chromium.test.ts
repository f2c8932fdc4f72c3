import { createSocket } from 'node:dgram';
import { once } from 'node:events';
import { type AddressInfo, createServer } from 'node:net';
import { expect, test } from 'vitest';
import { type Launch, launchChromium } from '../../src/browser/chromium.ts';

/** A page calls a server that helps with calls, in each of the ways there are. @returns which of them have reached it */
async function reachedBy(launch: Launch): Promise<string[]> {
  const reached = new Set<string>();
  const udp = createSocket('udp4').on('message', () => reached.add('UDP'));
  udp.bind(0, '127.0.0.1');
  const tcp = createServer((socket) => {
    reached.add('TCP');
    socket.destroy();
  }).listen(0, '127.0.0.1');
  await Promise.all([once(udp, 'listening'), once(tcp, 'listening')]);
  const browser = await launchChromium(launch);
  try {
    const page = await browser.newPage();
    await page.evaluate(
      async ({ udpPort, tcpPort }) => {
        const who = { username: 'ada', credential: 'secret' };
        const call = new RTCPeerConnection({
          iceServers: [
            { urls: `stun:127.0.0.1:${udpPort}` },
            { urls: `turn:127.0.0.1:${tcpPort}?transport=tcp`, ...who },
          ],
        });
        call.createDataChannel('any');
        const isOver = new Promise<void>((done) => {
          call.onicegatheringstatechange = () => call.iceGatheringState === 'complete' && done();
          // Servers that do not answer are asked again and again.
          setTimeout(done, 3_000);
        });
        await call.setLocalDescription(await call.createOffer());
        await isOver;
      },
      { udpPort: udp.address().port, tcpPort: (tcp.address() as AddressInfo).port },
    );
  } finally {
    await browser.close();
    udp.close();
    tcp.close();
  }
  return [...reached].toSorted();
}

test('a page that calls another host by WebRTC does not reach it, as it would from a browser of a person', {
  timeout: 60_000,
}, async () => {
  expect(await reachedBy({ window: 'hidden' })).toEqual(['TCP', 'UDP']);
  expect(await reachedBy({})).toEqual([]);
});
